; Documentation is Markdown: what stands in a line of it, to which `##` is text like any other.
((documentation_comment) @injection.content
  (#set! injection.language "markdown_inline"))

; What a layer is in a target's words: Python, with `{name}` for what stands there.
((entry
  name: (identifier) @_target
  value: (string (string_content) @injection.content))
  (#any-of? @_target
    "pytorch" "import_pytorch" "tensorflow" "import_tensorflow" "jax" "import_jax")
  (#set! injection.language "python"))
