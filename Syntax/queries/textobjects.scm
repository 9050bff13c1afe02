; A definition is a function; a network, a declared layer and notes are classes.

(definition_declaration) @function.outer
(definition_declaration body: (block "{" . (_)+ @function.inner))
(network_declaration) @class.outer
(network_declaration "{" . (section)+ @class.inner)
(layer_declaration) @class.outer
(layer_declaration body: (layer_body "{" . (_)+ @class.inner))
(research_declaration) @class.outer
(research_declaration entries: (settings "{" . (_)+ @class.inner))

(parameters (parameter) @parameter.inner @parameter.outer)
(arguments (argument) @parameter.inner @parameter.outer)

(step block: (block) @block.outer)
(step block: (block "{" . (_)+ @block.inner))
(loop) @loop.outer
(loop body: (block "{" . (_)+ @loop.inner))
(conditional) @conditional.outer
(conditional body: (_ "{" . (_)+ @conditional.inner))

(step arguments: (arguments)) @call.outer
(step arguments: (arguments "(" . (_)+ @call.inner))
(call arguments: (arguments)) @call.outer
(call arguments: (arguments "(" . (_)+ @call.inner))

[(flow) (binding) (loop) (conditional)] @statement.outer
(binding name: (_) @assignment.lhs value: (_) @assignment.rhs) @assignment.outer

; Entries are those of sections, settings and declarations.
(section value: (_) @entry.inner) @entry.outer
(setting value: (_) @entry.inner) @entry.outer
(entry value: (_) @entry.inner) @entry.outer
(weight_entry shape: (_) @entry.inner) @entry.outer
(list (_) @entry.inner @entry.outer)
(tuple (_) @entry.inner @entry.outer)

(comment)+ @comment.outer
(documentation_comment)+ @comment.outer
