--- Starts `neural-lsp` for Neural files, and compiles their tree-sitter parser.
local M = {}

--- What `setup` changes.
M.options = {
  --- The language server and its arguments.
  cmd = { 'neural-lsp', '--stdio' },
  --- Output shapes at the ends of lines.
  inlay_hints = true,
  --- `neural.*`, as in the server's documentation.
  settings = {},
}

local warned = false

function M.setup(options)
  M.options = vim.tbl_deep_extend('force', M.options, options or {})
end

--- Attaches the server to a buffer. Called for each Neural file.
function M.attach(buffer)
  if vim.fn.executable(M.options.cmd[1]) == 0 then
    if not warned then
      warned = true
      vim.notify(
        ("neural: cannot run %s; put it on PATH, or say where it is: require('neural').setup({ cmd = … })")
          :format(M.options.cmd[1]),
        vim.log.levels.WARN
      )
    end
    return
  end
  local file = vim.api.nvim_buf_get_name(buffer)
  vim.lsp.start({
    name = 'neural-lsp',
    cmd = M.options.cmd,
    root_dir = vim.fs.root(buffer, { '.git' }) or (file ~= '' and vim.fs.dirname(file) or nil),
    settings = { neural = M.options.settings },
    on_attach = function(client, attached)
      if M.options.inlay_hints and client.server_capabilities.inlayHintProvider then
        vim.lsp.inlay_hint.enable(true, { bufnr = attached })
      end
    end,
  }, { bufnr = buffer })
end

--- How far in a line (from 1) stands, for 'indentexpr': -1 leaves it as it is.
function M.indent(line)
  local above = vim.fn.prevnonblank(line - 1)
  local parser = above > 0 and vim.treesitter.get_parser(0, 'neural', { error = false })
  if not parser then
    return above == 0 and 0 or -1
  end
  local text = vim.fn.getline(line)
  if text:match('^%s*#') then
    return -1
  end
  local step = vim.fn.shiftwidth()
  local closes = text:match('^%s*[%]})]') ~= nil
  local root = parser:parse()[1]:root()

  -- A line without text goes on where the one above it ends.
  local is_blank = text:match('^%s*$') ~= nil
  local row, column = line - 1, #text:match('^%s*')
  if is_blank then
    row, column = above - 1, #vim.fn.getline(above):gsub('%s+$', '')
  end
  local parent = root:descendant_for_range(row, column, row, column)
  while parent and parent:type() ~= 'ERROR' do
    parent = parent:parent()
  end
  if parent then
    -- Half written: one step further in than an open bracket, one less than what it closes.
    local opens = vim.fn.getline(above):gsub('%s*#.*$', ''):match('[%[{(]%s*$') ~= nil
    return vim.fn.indent(above) + (opens and step or 0) - (closes and step or 0)
  end

  local query = vim.treesitter.query.get('neural', 'indents')
  local around, extended = {}, {}
  for id, node in query:iter_captures(root, 0, 0, row + 1) do
    local name = query.captures[id]
    if name == 'extend' then
      extended[node:id()] = true
    elseif name == 'indent.begin' then
      table.insert(around, node)
    end
  end
  -- What begins on one line is one step.
  local rows = {}
  for _, node in ipairs(around) do
    local first, _, last, ending = node:range()
    local goes_on = last > row or last == row and ending > column
    local open_ended = extended[node:id()] or node:child(node:child_count() - 1):missing()
    local goes_on_blank = is_blank and open_ended and last == row and ending == column
    local ends_here = closes and not open_ended and last == row and ending == column + 1
    if first < line - 1 and (goes_on or goes_on_blank) and not ends_here then
      rows[first] = true
    end
  end
  return vim.tbl_count(rows) * step
end

--- Compiles the parser into Neovim's site folder with the C compiler at hand, colours the
--- files that are open, and says where the parser is.
--- `source` is the folder Syntax of neural-lsp; without it, the one beside this plugin.
function M.build(source)
  if not source or source == '' then
    local here = vim.uv.fs_realpath(debug.getinfo(1, 'S').source:sub(2))
    source = vim.fs.joinpath(vim.fn.fnamemodify(here, ':h:h:h:h'), 'Syntax')
  end
  local folder = vim.fs.joinpath(vim.fn.stdpath('data'), 'site', 'parser')
  vim.fn.mkdir(folder, 'p')
  local library = vim.fs.joinpath(folder, 'neural.so')
  local src = vim.fs.joinpath(source, 'src')
  local result = vim
    .system({
      vim.env.CC or 'cc', '-shared', '-fPIC', '-O2', '-std=c11', '-I', src,
      vim.fs.joinpath(src, 'parser.c'), vim.fs.joinpath(src, 'scanner.c'), '-o', library,
    }, { text = true })
    :wait()
  if result.code ~= 0 then
    error('neural: the parser does not compile: ' .. result.stderr)
  end
  -- Where `site` is new, Neovim would look into it at its next start only.
  vim.treesitter.language.add('neural', { path = library })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].filetype == 'neural' then
      vim.treesitter.start(buffer, 'neural')
    end
  end
  return library
end

return M
