vim.api.nvim_create_user_command('NeuralBuildParser', function(command)
  vim.notify('neural: parser written to ' .. require('neural').build(command.args))
end, { nargs = '?', complete = 'dir', desc = 'Compile the tree-sitter parser of Neural' })
