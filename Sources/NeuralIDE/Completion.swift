import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

extension CompletionItem {
  /// What can be written at a place. `devices` are the names of those that are here, `folders`
  /// tells what is in a folder: this module reads no disk.
  public static func all(
    at offset: Int, in snapshot: EditorSnapshot, devices: [String] = [],
    folders: @escaping (String) -> FolderContents = { _ in FolderContents() }
  ) -> [CompletionItem] {
    guard let context = CompletionContext(tree: snapshot.tree, offset: offset) else { return [] }
    var completion = Completion(
      snapshot: snapshot, offset: offset, context: context, devices: devices, folders: folders)
    completion.collect()
    return completion.items
  }
}

/// Collects what fits a context.
struct Completion {
  let snapshot: EditorSnapshot
  let offset: Int
  let context: CompletionContext
  let devices: [String]
  let folders: (String) -> FolderContents
  /// The part of a path that is replaced, instead of all of it.
  var pathRange: Range<Int>?
  var items: [CompletionItem] = []
  private var labels: Set<String> = []

  /// The order of groups; within one, names are in order.
  enum Rank: String {
    /// What is asked for at just this place.
    case wanted = "1"
    case fitting = "2"
    case common = "3"
    case value = "4"
    case word = "5"
    case other = "6"
    case unfitting = "7"
  }

  init(
    snapshot: EditorSnapshot, offset: Int, context: CompletionContext, devices: [String],
    folders: @escaping (String) -> FolderContents
  ) {
    self.snapshot = snapshot
    self.offset = offset
    self.context = context
    self.devices = devices
    self.folders = folders
  }

  mutating func collect() {
    switch context.expected {
    case .nothing: return
    case .declaration: if !context.isInString { declarations() }
    case .section: if !context.isInString { sections(.wanted) }
    case .statement: if !context.isInString { statements() }
    case .step: if !context.isInString { layers() }
    case .argument, .argumentValue: arguments()
    case .sectionValue: sectionValues()
    case .settingName: settingNames()
    case .settingValue(let name): settingValues(name)
    case .device: deviceNames()
    case .importPath: importPaths()
    case .importedName: importedNames()
    case .expression: if !context.isInString { constants() }
    }
  }

  // MARK: Adding

  /// Adds an item; one with the same label that is there already counts.
  mutating func add(
    _ label: String, _ kind: CompletionItem.Kind, detail: String? = nil,
    documentation: String? = nil, insert: String? = nil, isSnippet: Bool = false, rank: Rank,
    order: Int? = nil
  ) {
    guard labels.insert(label).inserted else { return }
    var sort = rank.rawValue
    if let order {
      sort += String(repeating: "0", count: max(0, 3 - "\(order)".count)) + "\(order)"
    }
    // A name that stands for a value is complete where its place in the list ends.
    let isName = (kind == .value || kind == .constant) && insert ?? label == label
    items.append(
      CompletionItem(
        label: label, kind: kind, detail: detail, documentation: documentation,
        insertText: insert ?? label, isSnippet: isSnippet,
        replaceRange: pathRange ?? context.replaceRange, sortText: sort + label,
        commitCharacters: isName && !context.isInString ? [",", ")", "]"] : []))
  }

  /// A string value: its text between quotes that are there, else with its own.
  mutating func add(
    string: String, detail: String? = nil, documentation: String? = nil, rank: Rank,
    order: Int? = nil, kind: CompletionItem.Kind = .constant
  ) {
    if context.isInString {
      add(
        string, kind, detail: detail, documentation: documentation,
        insert: string + context.closesString, rank: rank, order: order)
    } else {
      add(
        Value.quoted(string), kind, detail: detail, documentation: documentation, rank: rank,
        order: order)
    }
  }

  // MARK: Declarations and sections

  private mutating func declarations() {
    let words: [(String, String, String)] = [
      (
        "network", "a model",
        "network ${1:Name} {\n  input: (${2:28, 28, 1})\n\n  layers:\n    $0\n}"
      ),
      ("define", "a block of layers to be used again", "define ${1:Name}(${2:filters}) {\n  $0\n}"),
      (
        "layer", "a layer with its own shape rule",
        "layer ${1:Name}(${2:units: int >= 1}) {\n  input: (batch, ...leading, features)\n"
          + "  output: (batch, ...leading, ${2:units})\n  $0\n}"
      ),
      ("import", "the declarations of another file", "import \"${1:blocks.neural}\""),
      (
        "research", "notes on results and sources",
        "research ${1:Notes} {\n  title: \"$2\"\n  $0\n}"
      ),
    ]
    for (index, (word, meaning, snippet)) in words.enumerated() {
      add(
        word, .keyword, detail: meaning, insert: snippet, isSnippet: true, rank: .wanted,
        order: index)
    }
  }

  /// The sections that the network around does not have yet.
  mutating func sections(_ rank: Rank) {
    var node: SyntaxNode? = context.node
    while let next = node, next.kind != .network { node = next.parent }
    guard let place = node?.range.lowerBound else { return }
    let network = snapshot.source.declarations.lazy.compactMap { declaration in
      if case .network(let network) = declaration { network } else { nil }
    }.first { snapshot.range($0.range).lowerBound == place }
    guard let network else { return }
    let typed = context.typed?.range
    let given = network.sections.compactMap { section in
      snapshot.range(section.keyword.range) == typed
        ? nil : SectionWord.named(section.keyword.text)?.name
    }
    for (index, word) in SectionWord.all.enumerated() where !given.contains(word.name) {
      add(
        word.name, .section, documentation: word.documentation, insert: word.snippet,
        isSnippet: true, rank: rank, order: index)
    }
  }

  // MARK: Statements

  private mutating func statements() {
    layers()
    for name in snapshot.visibleNames(at: offset) where name.isValue && !isTyped(name) {
      add(name.name, .value, detail: type(of: name), rank: .value)
    }
    if isInDefinition {
      add("input", .value, detail: "what flows in", rank: .value)
    }
    for part in BlockPart.all where container == part.container {
      add(
        part.name, .keyword, documentation: part.documentation, insert: "\(part.name) {\n  $0\n}",
        isSnippet: true, rank: .wanted)
    }
    let words: [(String, String, String)] = [
      (
        "for", "the same layers for each of several values",
        "for ${1:i} in ${2:range(3)} {\n  $0\n}"
      ),
      ("if", "layers under a condition", "if ${1:condition} {\n  $0\n}"),
      ("let", "a name for a constant or for one layer", "let ${1:name} = $0"),
    ]
    for (word, meaning, snippet) in words {
      add(word, .keyword, detail: meaning, insert: snippet, isSnippet: true, rank: .word)
    }
    if context.node.kind == .section || context.node.kind == .strayStatements { sections(.other) }
  }

  private func isTyped(_ name: VisibleName) -> Bool {
    snapshot.range(name.range) == context.typed?.range
  }

  private var isInDefinition: Bool {
    var node: SyntaxNode? = context.node
    while let next = node {
      if next.kind == .definition { return true }
      node = next.parent
    }
    return false
  }

  /// How the layer reads the block that the cursor is in.
  private var container: BlockMode? {
    var node = context.node
    // `if` and `for` belong to the block around them.
    while node.kind == .block, let parent = node.parent {
      switch parent.kind {
      case .ifStatement, .forStatement:
        guard let outer = parent.parent else { return nil }
        node = outer
      case .step:
        let name = parent.children.first { $0.kind == .name }?.text
        return name.flatMap { snapshot.schema(named: $0)?.blockMode }
      default: return nil
      }
    }
    return nil
  }

  /// Layers and definitions as steps; those that take the value that flows here come first.
  private mutating func layers() {
    let flowing = snapshot.flowing(at: offset)
    let enclosing = snapshot.source.declarations.compactMap { declaration -> String? in
      switch declaration {
      case .definition(let definition):
        snapshot.range(definition.range).contains(offset) ? definition.name.text : nil
      case .network(let network):
        snapshot.range(network.range).contains(offset) ? network.name.text : nil
      case .layer, .import, .research: nil
      }
    }
    for (name, index) in snapshot.analysis.definitionsByName.sorted(by: { $0.value < $1.value })
    where !enclosing.contains(name) {
      call(snapshot.analysis.definitions[index].schema, kind: .definition, rank: .fitting)
    }
    var fits = LayerFits(flowing, snapshot.catalogue)
    defer { fits.keep() }
    for schema in snapshot.userLayers + snapshot.catalogue.layers {
      switch fits[schema] {
      case .unknown: call(schema, kind: .layer, rank: .common)
      case .gives(let shape): call(schema, kind: .layer, rank: .fitting, shape: shape)
      case .fails(let reason): call(schema, kind: .layer, rank: .unfitting, misfit: reason)
      }
    }
  }

  /// A call of a declaration, with tab stops for what it needs.
  mutating func call(
    _ schema: LayerSchema, kind: CompletionItem.Kind, rank: Rank, shape: String? = nil,
    misfit: String? = nil
  ) {
    var insert = schema.name
    if !context.isBeforeParenthesis {
      switch schema.blockMode {
      case .residual, .sequence: insert += " {\n  $0\n}"
      case .branches, .gate: insert += "($1)$0"
      case .follows, .layer:
        let required = schema.parameters.filter { $0.defaultValue == nil }.map(\.name)
        let stops = required.enumerated().map { "${\($0.offset + 1):\($0.element)}" }
        insert +=
          required.isEmpty
          ? (schema.parameters.isEmpty ? "()$0" : "($1)$0")
          : "(\(stops.joined(separator: ", ")))$0"
      }
    }
    let signature = String(schema.signature.dropFirst(schema.name.count))
    let detail =
      misfit.map { "does not fit: \($0)" } ?? shape.map { "\(signature) → \($0)" } ?? signature
    add(
      schema.name, kind, detail: detail, documentation: schema.documentation, insert: insert,
      isSnippet: insert != schema.name, rank: rank)
    guard schema.blockMode == .branches, !context.isBeforeParenthesis else { return }
    add(
      "\(schema.name) { branch … }", .snippet, documentation: schema.documentation,
      insert: "\(schema.name) {\n  branch {\n    $1\n  }\n  branch {\n    $2\n  }\n}",
      isSnippet: true, rank: rank)
  }

  // MARK: Names

  func type(of name: VisibleName) -> String? {
    switch name.meaning {
    case .input, .target: snapshot.origin(of: name)?.text
    case .dimension: "a size"
    case .constant(let expression): snapshot.text(expression.range)
    case .loopVariable(let sequence): "each of \(snapshot.text(sequence.range))"
    case .parameter(let parameter, _):
      parameter.defaultValue.map { "= \(snapshot.text($0.range))" } ?? "parameter"
    }
  }

  /// Names of constants and sizes, and the functions over them.
  mutating func constants(tensors: Bool = false) {
    for name in snapshot.visibleNames(at: offset) where !isTyped(name) {
      if name.isValue {
        if tensors { add(name.name, .value, detail: type(of: name), rank: .value) }
      } else {
        add(name.name, .constant, detail: type(of: name), rank: .value)
      }
    }
    let functions: [(String, String)] = [
      ("dim", "a size of the value that flows here: dim(axis, of=name)"),
      ("min", "the least"), ("max", "the greatest"), ("abs", "without its sign"),
      ("len", "the number of entries"), ("range", "the integers up to one"),
      ("sum", "all entries added"), ("ceil", "rounded up"), ("floor", "rounded down"),
      ("round", "to the nearest integer"), ("int", "as an integer"),
    ]
    for (name, meaning) in functions {
      add(
        name, .function, detail: meaning,
        insert: context.isBeforeParenthesis ? name : "\(name)($1)$0",
        isSnippet: !context.isBeforeParenthesis, rank: .other)
    }
  }
}
