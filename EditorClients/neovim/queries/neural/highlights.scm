; Copied from Syntax/queries by Syntax/derive.js: change it there.

; Every node has one capture, whatever order an editor gives its patterns: in Neovim the last one
; that matches wins, in Helix and in the command line of tree-sitter 0.22 the first.

; Comments and literals

(comment) @comment
(documentation_comment) @comment.documentation
(string) @string
(escape_sequence) @string.escape
(integer) @number
(float) @number.float
[(true) (false)] @boolean
(none) @constant.builtin

; Keywords

["import" "from"] @keyword.import
["define" "network" "research" "let" "require" "as"] @keyword
["input" "output" "weights" "state" "body"] @keyword
[(declaration_word) (section_word)] @keyword
"for" @keyword.repeat
["if" "else" "when" "where"] @keyword.conditional
["and" "or" "not" "in" "not in"] @keyword.operator

; Declarations

(definition_declaration name: (identifier) @type)
(network_declaration name: (identifier) @type)
(layer_declaration name: (identifier) @type)
(research_declaration name: (identifier) @type)
(import_declaration name: (identifier) @type)
(parameter name: (identifier) @variable.parameter)
(parameter alias: (identifier) @variable.parameter)
(argument name: (identifier) @variable.parameter)
[(type_name) (dtype)] @type.builtin
(member_type category: (identifier) @constant)
(input dtype: (identifier) @type.builtin)
(input name: (identifier) @variable)
(setting name: (identifier) @property)
(entry name: (identifier) @property)
(weight_entry name: (identifier) @property)
(code) @constant

; What is called is a layer where it is capitalised, or has a block; else a function, or a layer in
; an older spelling. A bare name in lower case is a value.

((call name: (identifier) @type)
  (#match? @type "^[A-Z]"))

((call name: (identifier) @function arguments: (arguments))
  (#match? @function "^[a-z_]"))

((step (call name: (identifier) @keyword !arguments) block: (block))
  (#any-of? @keyword "branch" "shortcut"))

((step (call name: (identifier) @function !arguments) block: (block))
  (#match? @function "^[a-z_]")
  (#not-any-of? @function "branch" "shortcut"))

((step . (call name: (identifier) @function !arguments) . ["*" "@"])
  (#match? @function "^[a-z_]"))

((step . (call name: (identifier) @variable !arguments) .)
  (#match? @variable "^[a-z_]"))

(call name: (dotted_name (identifier) @type))

; Other names

(binding name: (identifier) @variable)
(loop variable: (identifier) @variable)
(step repetition: (identifier) @variable)
(step device: (identifier) @variable)
(subscript value: (identifier) @variable)
(_primary/identifier) @variable
(_primary/dotted_name (identifier) @variable)

; Signs

["->" "=" "==" "!=" "<" "<=" ">" ">=" "+" "-" "*" "/" "//" "%" "**" "|" "..." "@"] @operator
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
["," ":" ";" "."] @punctuation.delimiter
