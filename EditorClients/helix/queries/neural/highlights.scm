; Copied from Syntax/queries by Syntax/derive.js: change it there.

; What each token is, said in kinds of nodes, fields and literal tokens only: no predicates and no
; anchors. Beside tree-sitter's editors, neural-lsp makes its semantic tokens from this file, when it
; is built, by these conventions:
;
; - A pattern is `(kind) @capture`, `(kind field: (kind) @capture)`, `"literal" @capture`, or any of
;   these in `[…]`.
; - A token has one capture, whatever order an editor gives its patterns: in Neovim the last one
;   that matches wins, in Helix and in the command line of tree-sitter 0.22 the first. Only an
;   escape sequence stands inside another captured node, its string.

; Comments and literals

(comment) @comment.line
(documentation_comment) @comment.block.documentation
(string) @string
(escape_sequence) @constant.character.escape
(integer) @constant.numeric.integer
(float) @constant.numeric.float
[(true) (false)] @constant.builtin.boolean
(none) @constant.builtin

; Keywords

["import" "from"] @keyword.control.import
["define" "network" "research" "let" "require" "as"] @keyword
["input" "output" "weights" "state" "body"] @keyword
[(declaration_word) (section_word) (branch_word)] @keyword
"for" @keyword.control.repeat
["if" "else" "when" "where"] @keyword.control.conditional
["and" "or" "not" "in"] @keyword.operator

; Names that a declaration gives

(definition_declaration name: (identifier) @type)
(network_declaration name: (identifier) @type)
(layer_declaration name: (identifier) @type)
(research_declaration name: (identifier) @type)
(import_declaration name: (identifier) @type)
(parameter name: (identifier) @variable.parameter)
(parameter alias: (identifier) @variable.parameter)
(input name: (identifier) @variable)
(binding name: (identifier) @variable)
(loop variable: (identifier) @variable)
(loop_variables variable: (identifier) @variable)

; Names of what follows them

(argument name: (identifier) @variable.parameter)
(setting name: (identifier) @variable.other.member)
(entry name: (identifier) @variable.other.member)
(weight_entry name: (identifier) @variable.other.member)

; Types of parameters and inputs

[(type_name) (dtype)] @type.builtin
(input dtype: (identifier) @type.builtin)
(member_type category: (identifier) @constant)
(code) @constant

; What is called: a layer where it is capitalised or has a dot; else a function, or a layer in an
; older spelling.

[(type_identifier) (dotted_name)] @type
(call name: (identifier) @function)
(step name: (identifier) @function)

; What is read, and what a flow ends in.

(variable) @variable

; Signs

["->" "=" "==" "!=" "<" "<=" ">" ">=" "+" "-" "*" "/" "//" "%" "**" "|" "..." "@"] @operator
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
["," ":" ";"] @punctuation.delimiter
