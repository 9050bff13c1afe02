; What stands in an outline, for Zed.

(documentation_comment) @annotation

(import_declaration "import" @context path: (string) @name) @item
(definition_declaration "define" @context name: (identifier) @name) @item
(network_declaration "network" @context name: (identifier) @name) @item
(layer_declaration keyword: (declaration_word) @context name: (identifier) @name) @item
(research_declaration "research" @context name: (identifier)? @name) @item

(section keyword: (section_word) @name) @item
(input_item "input" @name) @item
(output_item "output" @name) @item
(weights_item "weights" @name) @item
(state_item "state" @name) @item
(body_item "body" @name) @item
