; What can be folded: blocks and lists over several lines, and the sections of a network.

[
  (block)
  (layer_body)
  (settings)
  (input_group)
  (weights_item)
  (state_item)
  (network_declaration)
  (section)
  (parameters)
  (arguments)
  (list)
] @fold

; Comments one below the other are one.
((documentation_comment)+ @fold)
((comment)+ @fold)
