vim.filetype.add({ extension = { neural = 'neural', nr = 'neural', rnr = 'neural' } })
