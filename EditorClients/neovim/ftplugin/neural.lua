vim.bo.commentstring = '# %s'
vim.bo.shiftwidth = 2
vim.bo.expandtab = true

-- Without the compiled parser (see `:NeuralBuildParser`) there is no colour, and no error either.
pcall(vim.treesitter.start)

require('neural').attach(0)

vim.b.undo_ftplugin = (vim.b.undo_ftplugin or '')
  .. '| setlocal commentstring< shiftwidth< expandtab< | lua pcall(vim.treesitter.stop)'
