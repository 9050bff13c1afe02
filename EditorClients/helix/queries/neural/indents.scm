; Copied from Syntax/queries by Syntax/derive.js: change it there.

; Lines in these stand one step further in than the line on which they start.

[
  (block)
  (layer_body)
  (settings)
  (input_group)
  (network_declaration)
  (weights_item)
  (state_item)
  (parameters)
  (arguments)
  (loop_variables)
  (tuple)
  (parenthesized_expression)
  (list)
  (grouped_type)
  (tuple_type)
  (list_type)
] @indent

; So do statements in `layers:`, whose end no sign shows: what comes next is one of them, until it is
; something else.
((section keyword: (section_word) @_word) @indent @extend
  (#eq? @_word "layers"))

; These close what they end, and stand where it started.
["}" ")" "]"] @outdent
