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
