vim.bo.commentstring = '# %s'
vim.bo.shiftwidth = 2
vim.bo.expandtab = true
vim.bo.indentexpr = "v:lua.require'neural'.indent(v:lnum)"
vim.bo.indentkeys = '0{,0},0),0],!^F,o,O,e'

-- Without the compiled parser (see `:NeuralBuildParser`) there is no colour, and no error either.
pcall(vim.treesitter.start)

require('neural').attach(0)

vim.b.undo_ftplugin = (vim.b.undo_ftplugin or '')
  .. '| setlocal commentstring< shiftwidth< expandtab< indentexpr< indentkeys< | lua pcall(vim.treesitter.stop)'
