; Copied from Syntax/queries by Syntax/derive.js: change it there.

; Where a name is seen, where it is given and where it is read.

(source_file) @local.scope
(definition_declaration) @local.scope
(network_declaration) @local.scope
(layer_declaration) @local.scope
(loop) @local.scope
(step block: (block) @local.scope)

(parameter name: (identifier) @local.definition)
(parameter alias: (identifier) @local.definition)
(input name: (identifier) @local.definition)
(binding name: (identifier) @local.definition)
(loop variable: (identifier) @local.definition)
(loop_variables variable: (identifier) @local.definition)

; What stands behind an arrow and is no layer is a target.
(flow "->" . (step value: (variable) @local.definition))
(flow "->" . (tuple (variable) @local.definition))
(flow "->" . (parenthesized_expression (variable) @local.definition))
(flow "->" . (subscript value: (variable) @local.definition))

(variable) @local.reference
(call name: (identifier) @local.reference)
(step name: (identifier) @local.reference)
