-- Run by Neovim itself, headless:
--   nvim -u NONE -i NONE --headless -c 'luafile neovim.lua'
-- with NEURAL_CLIENT (EditorClients/neovim), NEURAL_SAMPLES (a folder that may be written in),
-- NEURAL_SERVER (empty for the checks of colour only) and NEURAL_LABEL.
local client = vim.env.NEURAL_CLIENT
local samples = vim.env.NEURAL_SAMPLES
local server = vim.env.NEURAL_SERVER or ''
local label = vim.env.NEURAL_LABEL or ''
local failures = 0

local function say(line)
  io.stdout:write(line .. '\n')
end

local function check(what, test)
  local ok, failure = xpcall(test, function(message)
    return type(message) == 'string' and message or vim.inspect(message)
  end)
  if ok then
    say(('ok    Neovim%s: %s'):format(label, what))
  else
    failures = failures + 1
    say(('FAIL  Neovim%s: %s: %s'):format(label, what, failure:gsub('\n', ' ')))
  end
end

local function equal(actual, expected)
  if not vim.deep_equal(actual, expected) then
    error(('%s, not %s'):format(vim.inspect(actual), vim.inspect(expected)), 2)
  end
end

local function wait_for(what, condition)
  local value
  if not vim.wait(10000, function()
    value = condition()
    return value
  end, 20) then
    error('waited 10 s for ' .. what, 2)
  end
  return value
end

local function open(name)
  vim.cmd.edit(vim.fn.fnameescape(vim.fs.joinpath(samples, name)))
  return vim.api.nvim_get_current_buf()
end

--- Where a text stands, from 0.
local function place(text)
  for row, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(text, 1, true)
    if column then
      return row - 1, column - 1
    end
  end
  error(text .. ' is not in the file')
end

local function run()
  local messages = {}
  vim.notify = function(message)
    table.insert(messages, message)
  end
  vim.opt.runtimepath:append(client)
  vim.cmd('runtime! ftdetect/*.lua plugin/neural.lua')
  vim.cmd('filetype plugin on')

  if server == '' then
    check('without the server there is one message, and no error', function()
      open('digits.neural')
      open('rank.neural')
      equal(#vim.tbl_filter(function(message) return message:find('cannot run') end, messages), 1)
    end)
    check(':NeuralBuildParser compiles the parser', function()
      vim.cmd.NeuralBuildParser()
      assert(vim.uv.fs_stat(vim.fn.stdpath('data') .. '/site/parser/neural.so'))
    end)
    check('what was open before has its colours then', function()
      assert(vim.treesitter.highlighter.active[vim.api.nvim_get_current_buf()])
    end)
    vim.cmd('silent! %bwipeout!')
  else
    require('neural').setup({ cmd = { server, '--stdio' } })
  end

  for _, extension in ipairs({ 'neural', 'nr', 'rnr' }) do
    check('.' .. extension .. ' files are Neural', function()
      equal(vim.filetype.match({ filename = 'a.' .. extension }), 'neural')
    end)
  end

  local buffer = open('digits.neural')
  check('tree-sitter colours the file', function()
    equal(vim.bo.filetype, 'neural')
    assert(vim.treesitter.highlighter.active[buffer], 'no highlighter is active')
    local expected = {
      { '## Digits', 'comment.documentation' },
      { 'network', 'keyword' },
      { 'Digits(', 'type' },
      { 'classes=', 'variable.parameter' },
      { 'input:', 'keyword' },
      { '28, 28', 'number' },
      { 'Conv2D', 'type' },
      { 'activation=', 'variable.parameter' },
      { '"relu"', 'string' },
      { 'classes) ->', 'variable' },
      { '-> logits', 'operator' },
      { 'logits', 'variable' },
      { '1e-3', 'number.float' },
    }
    for _, pair in ipairs(expected) do
      vim.treesitter.get_parser(buffer, 'neural'):parse()
      local row, column = place(pair[1])
      local captures = vim.tbl_map(function(capture)
        return capture.capture
      end, vim.treesitter.get_captures_at_pos(buffer, row, column))
      if not vim.deep_equal(captures, { pair[2] }) then
        error(('%s has %s, not %s'):format(pair[1], vim.inspect(captures), pair[2]))
      end
    end
  end)
  check('the query holds for every construct, each name captured once', function()
    local every = open('every-construct.neural')
    local tree = vim.treesitter.get_parser(every, 'neural'):parse()[1]
    assert(not tree:root():has_error(), 'the file has an error')
    local query = vim.treesitter.query.get('neural', 'highlights')
    local seen = {}
    for id, node in query:iter_captures(tree:root(), every) do
      local key = node:id()
      if seen[key] and seen[key] ~= query.captures[id] then
        local row, column = node:range()
        error(('%s at %d:%d is %s and %s'):format(
          vim.treesitter.get_node_text(node, every), row + 1, column + 1, seen[key], query.captures[id]))
      end
      seen[key] = query.captures[id]
    end
    local function leaves(node)
      if node:named() and node:type() == 'identifier' and not seen[node:id()] then
        local row, column = node:range()
        error(('%s at %d:%d has no colour'):format(vim.treesitter.get_node_text(node, every), row + 1, column + 1))
      end
      for child in node:iter_children() do
        leaves(child)
      end
    end
    leaves(tree:root())
  end)

  local nested = open('nested.neural')
  local lines = vim.api.nvim_buf_get_lines(nested, 0, -1, false)
  local function line_of(text)
    return place(text) + 1
  end
  local function captured(query, name)
    local root = vim.treesitter.get_parser(nested, 'neural'):parse()[1]:root()
    local parsed = vim.treesitter.query.get('neural', query)
    local texts = {}
    for id, node in parsed:iter_captures(root, nested) do
      if parsed.captures[id] == name then
        table.insert(texts, (vim.treesitter.get_node_text(node, nested):gsub('%s+', ' ')))
      end
    end
    return texts
  end
  check('indenting lines that have lost their blanks gives them back', function()
    local flat = vim.tbl_map(function(line)
      return line:match('^%s*#') and line or (line:gsub('^%s+', ''))
    end, lines)
    vim.api.nvim_buf_set_lines(nested, 0, -1, false, flat)
    vim.cmd('silent normal! gg=G')
    equal(vim.api.nvim_buf_get_lines(nested, 0, -1, false), lines)
  end)
  check('a new line is indented for what it goes on with', function()
    for text, expected in pairs({
      ['layers:'] = 4, ['Block(64)'] = 4, ['outputs: out'] = 2, ['Residual {'] = 4, ['Dense(2)'] = 8,
      ['} -> out'] = 2, ['train {'] = 4, ['Dense(i)'] = 6,
    }) do
      vim.api.nvim_buf_set_lines(nested, 0, -1, false, lines)
      vim.api.nvim_win_set_cursor(0, { line_of(text), 0 })
      vim.cmd('silent normal! oX')
      local line = vim.api.nvim_get_current_line()
      if line ~= (' '):rep(expected) .. 'X' then
        error(('after %s: %s'):format(text, vim.inspect(line)))
      end
    end
    -- Behind a bracket that is not closed yet.
    vim.api.nvim_buf_set_lines(nested, 0, -1, false, { 'define A {' })
    vim.cmd('silent normal! GoX')
    equal(vim.api.nvim_get_current_line(), '  X')
    vim.api.nvim_buf_set_lines(nested, 0, -1, false, lines)
  end)
  check('blocks, sections and comments can be folded', function()
    vim.wo.foldmethod = 'expr'
    vim.wo.foldexpr = 'v:lua.vim.treesitter.foldexpr()'
    vim.cmd('silent! normal! zx')
    local function levels(text)
      return vim.fn.foldlevel(line_of(text))
    end
    wait_for('folds', function()
      return levels('Dense(2)') > 0
    end)
    equal(
      vim.tbl_map(levels, { 'import', '## A block', 'filters,', 'Residual {', 'Dense(2)', 'let sizes', 'Block(64)', 'outputs: out', 'steps: 4' }),
      { 0, 1, 1, 2, 4, 2, 2, 1, 3 })
    vim.wo.foldmethod = 'manual'
  end)
  check('objects of text are what they say', function()
    equal(#captured('textobjects', 'function.outer'), 1)
    equal(captured('textobjects', 'function.inner')[1]:sub(1, 10), 'Residual {')
    equal(#captured('textobjects', 'class.outer'), 2)
    equal(vim.list_slice(captured('textobjects', 'parameter.inner'), 1, 4), { 'filters', 'strides=( 1, 2 )', 'filters', '3' })
    equal(captured('textobjects', 'loop.inner'), { 'Dense(i)' })
    equal(captured('textobjects', 'assignment.rhs'), { '[ 1, 2 ]' })
    equal(captured('textobjects', 'conditional.inner')[1], 'Dense(1)')
  end)
  check('names are told from where they are given', function()
    local given = captured('locals', 'local.definition')
    equal(given, { 'filters', 'strides', 'out', 'sizes', 'image', 'ids', 'i', 'units' })
  end)
  check('documentation is Markdown, and templates are Python', function()
    local parser = vim.treesitter.get_parser(nested, 'neural')
    parser:parse(true)
    local markdown = assert(parser:children().markdown_inline, 'no Markdown')
    local strong = {}
    local function visit(node)
      if node:type() == 'strong_emphasis' then
        table.insert(strong, vim.treesitter.get_node_text(node, nested))
      end
      for child in node:iter_children() do
        visit(child)
      end
    end
    for _, tree in pairs(markdown:trees()) do
      visit(tree:root())
    end
    equal(strong, { '**Markdown**' })
    equal(captured('injections', 'injection.content'), {
      '## A block.', '##', '## - with **Markdown**', 'nn.Linear({features}, {units})',
    })
  end)

  if server == '' then
    return
  end

  local rank = open('rank.neural')
  check('a finding arrives with its code and place', function()
    wait_for('the server', function()
      return #vim.lsp.get_clients({ bufnr = rank, name = 'neural-lsp' }) == 1
    end)
    local found = wait_for('a rank-mismatch', function()
      for _, diagnostic in ipairs(vim.diagnostic.get(rank)) do
        if diagnostic.code == 'rank-mismatch' then
          return diagnostic
        end
      end
    end)
    equal(found.severity, vim.diagnostic.severity.ERROR)
    equal(found.lnum, (place('Conv2D(64')))
  end)

  open('digits.neural')
  check('hover says the shape', function()
    wait_for('the server', function()
      return #vim.lsp.get_clients({ bufnr = 0, name = 'neural-lsp' }) == 1
    end)
    local row, column = place('Conv2D')
    vim.api.nvim_win_set_cursor(0, { row + 1, column + 1 })
    vim.lsp.buf.hover()
    wait_for('the shape in a floating window', function()
      for _, window in ipairs(vim.api.nvim_list_wins()) do
        if vim.api.nvim_win_get_config(window).relative ~= '' then
          local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
          if table.concat(lines, '\n'):find('(batch, 26, 26, 32)', 1, true) then
            return true
          end
        end
      end
    end)
    vim.cmd('silent! fclose!')
  end)
  check('inlay hints are on and say the shape', function()
    assert(vim.lsp.inlay_hint.is_enabled({ bufnr = 0 }), 'they are off')
    wait_for('a hint with the shape', function()
      for _, hint in ipairs(vim.lsp.inlay_hint.get({ bufnr = 0 })) do
        local text = hint.inlay_hint.label
        if type(text) == 'table' then
          text = table.concat(vim.tbl_map(function(part) return part.value end, text))
        end
        if text:find('26, 26, 32', 1, true) then
          return true
        end
      end
    end)
  end)
  check('semantic tokens say what names mean', function()
    local expected = {
      { 'Digits(', 'class', { 'declaration' } },
      { 'classes=', 'parameter', { 'declaration' } },
      { 'Conv2D', 'class', { 'defaultLibrary' } },
      { 'classes) ->', 'parameter', {} },
      { 'logits', 'variable', { 'declaration' } },
    }
    for _, one in ipairs(expected) do
      local row, column = place(one[1])
      local found = wait_for('a token at ' .. one[1], function()
        return (vim.lsp.semantic_tokens.get_at_pos(0, row, column) or {})[1]
      end)
      local modifiers = vim.tbl_keys(found.modifiers)
      table.sort(modifiers)
      equal({ found.type, modifiers }, { one[2], one[3] })
    end
  end)
  if label:find('neural-lsp', 1, true) then
    check('a name is found and changed in all its places', function()
      local row, column = place('logits')
      local use, start = place('outputs: logits')
      vim.api.nvim_win_set_cursor(0, { use + 1, start + #'outputs: ' })
      vim.lsp.buf.definition()
      wait_for('the cursor at the definition', function()
        return vim.deep_equal(vim.api.nvim_win_get_cursor(0), { row + 1, column })
      end)
      vim.lsp.buf.rename('scores')
      wait_for('the new name', function()
        return #vim.tbl_filter(function(line) return line:find('scores', 1, true) end,
          vim.api.nvim_buf_get_lines(0, 0, -1, false)) == 2
      end)
      vim.cmd('silent undo')
    end)
  end
  check('a sound file has no error', function()
    equal(vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR }), {})
  end)
  check('vim.lsp.buf.format lays the file out', function()
    local lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)
    local untidy = vim.tbl_map(function(line) return '   ' .. line:gsub('%(', '( ') end, lines)
    vim.api.nvim_buf_set_lines(0, 0, -1, false, untidy)
    vim.lsp.buf.format({ timeout_ms = 10000 })
    local laid_out = vim.api.nvim_buf_get_lines(0, 0, -1, false)
    vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
    if server:find('scripted', 1, true) then
      equal(laid_out[1], '# formatted')
    else
      equal(laid_out, lines)
    end
  end)
  check('Generate PyTorch makes the file', function()
    local row, column = place('Conv2D')
    vim.api.nvim_win_set_cursor(0, { row + 1, column })
    vim.lsp.buf.code_action({
      apply = true,
      filter = function(action)
        return action.title == 'Generate PyTorch'
      end,
    })
    wait_for('a .py buffer that imports torch', function()
      for _, other in ipairs(vim.api.nvim_list_bufs()) do
        if vim.api.nvim_buf_get_name(other):find('%.py$') then
          vim.fn.bufload(other)
          local text = table.concat(vim.api.nvim_buf_get_lines(other, 0, -1, false), '\n')
          if text:find('import torch', 1, true) or text:find('from torch import', 1, true) then
            return true
          end
        end
      end
    end)
  end)
  check('an edit that mends the file clears the finding', function()
    vim.api.nvim_set_current_buf(rank)
    local row = place('Flatten()')
    vim.api.nvim_buf_set_lines(rank, row, row + 1, false, {})
    wait_for('no rank-mismatch', function()
      return #vim.tbl_filter(function(diagnostic)
        return diagnostic.code == 'rank-mismatch'
      end, vim.diagnostic.get(rank)) == 0
    end)
  end)
  check('the server ends with the editor', function()
    local clients = vim.lsp.get_clients({ name = 'neural-lsp' })
    equal(#clients, 1)
    clients[1].stop()
    wait_for('its end', function()
      return clients[1].is_stopped()
    end)
  end)
end

local ok, failure = xpcall(run, debug.traceback)
if not ok then
  failures = failures + 1
  say('FAIL  Neovim' .. label .. ': the script itself: ' .. failure:gsub('\n', ' '))
end
vim.cmd(failures > 0 and 'cquit!' or 'qall!')
