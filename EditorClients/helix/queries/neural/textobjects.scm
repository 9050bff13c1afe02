; Copied from Syntax/queries by Syntax/derive.js: change it there.

; A definition is a function; a network, a declared layer and notes are classes.

(definition_declaration) @function.around
(definition_declaration body: (block "{" . (_)+ @function.inside))
(network_declaration) @class.around
(network_declaration "{" . (section)+ @class.inside)
(layer_declaration) @class.around
(layer_declaration body: (layer_body "{" . (_)+ @class.inside))
(research_declaration) @class.around
(research_declaration entries: (settings "{" . (_)+ @class.inside))

(parameters (parameter) @parameter.inside @parameter.around)
(arguments (argument) @parameter.inside @parameter.around)

; Entries are those of sections, settings and declarations.
(section value: (_) @entry.inside) @entry.around
(setting value: (_) @entry.inside) @entry.around
(entry value: (_) @entry.inside) @entry.around
(weight_entry shape: (_) @entry.inside) @entry.around
(list (_) @entry.inside @entry.around)
(tuple (_) @entry.inside @entry.around)

(comment)+ @comment.around
(documentation_comment)+ @comment.around
