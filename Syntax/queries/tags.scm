; What a file declares, with its documentation, and what it uses.

((documentation_comment)* @doc
  .
  (definition_declaration name: (identifier) @name) @definition.function
  (#strip! @doc "^##[ \t]?")
  (#select-adjacent! @doc @definition.function))

((documentation_comment)* @doc
  .
  [
    (network_declaration name: (identifier) @name)
    (layer_declaration name: (identifier) @name)
  ] @definition.class
  (#strip! @doc "^##[ \t]?")
  (#select-adjacent! @doc @definition.class))

(call name: [(type_identifier) (dotted_name)] @name) @reference.class
(step name: [(type_identifier) (dotted_name)] @name) @reference.class
(call name: (identifier) @name) @reference.call
(step name: (identifier) @name) @reference.call
