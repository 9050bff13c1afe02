import NeuralModel
import NeuralSchema
import NeuralSyntax

/// Reads the declarations of a file for what their names mean (language.md, section 4): blocks and
/// loops open a scope, `if` does not, and a declaration sees only what stands at the top around it.
struct NameReader {
  struct Scope {
    var names: [String: Int] = [:]
    /// `for`: indexed names go to the scope around it.
    var isLoop = false
  }

  let declared: DeclaredNames
  var table = NameTable()
  /// The declarations of the file.
  var globals: [String: Int] = [:]
  /// The parameters of the file's own definitions, networks and layers, by name and alias.
  var parameters: [Int: [String: Int]] = [:]
  /// What declares the symbols of other files and of the catalogue.
  private var schemas: [Int: LayerSchema] = [:]
  /// Of the catalogue, other files and the language, once they are met.
  private var builtins: [String: Int] = [:]
  /// What callees mean that are no names of the file, outside of rules and sections of their own.
  private var callees: [String: Int] = [:]
  /// The innermost last.
  private var scopes: [Scope] = []
  /// What the names of the section are declared as.
  private var keyword: String?
  /// Rules of layers can call functions over dimensions.
  var isRule = false

  init(_ declared: DeclaredNames) { self.declared = declared }

  mutating func read(_ source: SourceFile) {
    for declaration in source.declarations { declare(declaration) }
    for declaration in source.declarations {
      switch declaration {
      case .network(let network): read(network)
      case .definition(let definition): read(definition)
      case .layer(let layer): read(layer)
      case .import, .research: continue
      }
    }
  }

  // MARK: Scopes

  mutating func inScope(isLoop: Bool = false, _ body: (inout NameReader) -> Void) {
    scopes.append(Scope(isLoop: isLoop))
    body(&self)
    scopes.removeLast()
  }

  func find(_ name: String) -> Int? {
    for scope in scopes.reversed() {
      if let symbol = scope.names[name] { return symbol }
    }
    return nil
  }

  /// Gives a name in the innermost scope. What it was there before, if it was of the same kind, it
  /// stays: another arm of an `if` may give it too.
  @discardableResult
  mutating func declare(_ name: Name, _ kind: NameTable.Symbol.Kind, isIndexed: Bool = false) -> Int
  {
    var scope = scopes.count - 1
    while isIndexed, scope > 0, scopes[scope].isLoop { scope -= 1 }
    var symbol = scopes[scope].names[name.text]
    if let earlier = symbol, table.symbols[earlier].kind != kind { symbol = nil }
    let found = symbol ?? table.add(NameTable.Symbol(name: name.text, kind: kind))
    scopes[scope].names[name.text] = found
    table.add(found, at: name.range, isDeclaration: true)
    return found
  }

  /// Gives a name that the source does not write.
  private mutating func declare(implicit name: String, _ kind: NameTable.Symbol.Kind) {
    scopes[scopes.count - 1].names[name] = table.add(NameTable.Symbol(name: name, kind: kind))
  }

  private mutating func builtin(_ name: String, _ kind: NameTable.Symbol.Kind) -> Int {
    if let symbol = builtins[name], table.symbols[symbol].kind == kind { return symbol }
    let symbol = table.add(NameTable.Symbol(name: name, kind: kind))
    builtins[name] = symbol
    return symbol
  }

  // MARK: Declarations

  private mutating func declare(_ declaration: Declaration) {
    switch declaration {
    case .network(let network): declare(network.name, .network, network.parameters)
    case .definition(let definition): declare(definition.name, .definition, definition.parameters)
    case .layer(let layer):
      let kind: NameTable.Symbol.Kind =
        layer.keyword.text == "layer" ? .layer : .builtin(keyword: layer.keyword.text)
      declare(layer.name, kind, layer.parameters)
    case .import(let declaration):
      for name in declaration.names { declare(imported: name) }
    case .research: return
    }
  }

  private mutating func declare(
    _ name: Name, _ kind: NameTable.Symbol.Kind, _ parameters: [Parameter]
  ) {
    let symbol = table.add(NameTable.Symbol(name: name.text, kind: kind))
    table.add(symbol, at: name.range, isDeclaration: true)
    // Of two with the same name the first counts, as it does for the graph.
    if globals[name.text] == nil { globals[name.text] = symbol }
    var own: [String: Int] = [:]
    for parameter in parameters {
      let symbol = table.add(NameTable.Symbol(name: parameter.name.text, kind: .parameter))
      for spelling in [parameter.name] + parameter.aliases {
        table.add(symbol, at: spelling.range, isDeclaration: true)
        own[spelling.text] = symbol
      }
    }
    self.parameters[symbol] = own
  }

  private mutating func declare(imported name: Name) {
    guard let schema = declared.imported(name.text) else { return declare(name, .imported, []) }
    let symbol = self.symbol(of: schema, named: name.text)
    table.add(symbol, at: name.range, isDeclaration: true)
    if globals[name.text] == nil { globals[name.text] = symbol }
  }

  /// What another file or the catalogue declares, under the name by which it is used here.
  private mutating func symbol(of schema: LayerSchema, named name: String) -> Int {
    let kind: NameTable.Symbol.Kind =
      schema.file.catalogueFile != nil
      ? .builtin(keyword: schema.keyword)
      : schema.keyword == "define"
        ? .definition : schema.keyword == "network" ? .network : .layer
    let symbol = builtin(name, kind)
    schemas[symbol] = schema
    table.setOrigin(of: symbol, Location(schema.file, schema.nameRange))
    return symbol
  }

  /// What a named argument of a callee is for.
  private mutating func parameter(_ name: String, of callee: Int) -> Int? {
    if let known = parameters[callee]?[name] { return known }
    guard let schema = schemas[callee], let parameter = schema.parameter(named: name) else {
      return nil
    }
    let symbol = table.add(
      NameTable.Symbol(
        name: parameter.name, kind: .parameter, origin: Location(schema.file, parameter.range)))
    for spelling in [parameter.name] + parameter.aliases {
      parameters[callee, default: [:]][spelling] = symbol
    }
    return symbol
  }

  /// Opens the scope of a declaration with its parameters.
  private mutating func inDeclaration(
    _ name: Name, _ parameters: [Parameter], _ body: (inout NameReader) -> Void
  ) {
    inScope { reader in
      if let symbol = reader.table.occurrence(at: name.range)?.symbol {
        reader.scopes[reader.scopes.count - 1].names = reader.parameters[symbol] ?? [:]
      }
      for parameter in parameters {
        if let value = parameter.defaultValue { reader.read(value) }
      }
      body(&reader)
    }
  }

  private mutating func read(_ definition: DefinitionDeclaration) {
    inDeclaration(definition.name, definition.parameters) { reader in
      reader.declare(implicit: "input", .input)
      reader.read(definition.body)
    }
  }

  private mutating func read(_ layer: LayerDeclaration) {
    isRule = true
    inDeclaration(layer.name, layer.parameters) { $0.read(layer.items) }
    isRule = false
  }

  private mutating func read(_ network: NetworkDeclaration) {
    inDeclaration(network.name, network.parameters) { reader in
      for section in network.sections {
        guard case .inputs(let inputs, let conditions) = section.value else { continue }
        for (index, input) in inputs.enumerated() {
          if let shape = input.shape { reader.readSizes(shape) }
          if let name = input.name {
            reader.declare(name, .input)
          } else {
            reader.declare(implicit: inputs.count == 1 ? "input" : "input_\(index + 1)", .input)
          }
        }
        for condition in conditions { reader.read(condition) }
      }
      reader.inScope { reader in
        for section in network.sections {
          guard case .statements(let block) = section.value else { continue }
          for statement in block.statements { reader.read(statement) }
        }
        // The other sections see what is named at the end, wherever they stand.
        for section in network.sections { reader.read(section) }
      }
    }
  }

  private mutating func read(_ section: Section) {
    keyword = SectionWord.named(section.keyword.text)?.keyword
    defer { keyword = nil }
    switch section.value {
    case .inputs, .statements, .missing: return
    case .expressions(let expressions): for expression in expressions { read(expression) }
    case .settings(let settings):
      for setting in settings {
        // `loss: { logits: … }` names the outputs.
        if keyword != nil, let symbol = find(setting.name.text) {
          table.add(symbol, at: setting.name.range)
        }
        read(setting)
      }
    }
  }

  private mutating func read(_ setting: Setting) {
    switch setting.value {
    case .expression(let expression): read(expression)
    case .group(let settings): for setting in settings { read(setting) }
    }
  }

  /// The names in the shape of an input are sizes, unless they are something already.
  mutating func readSizes(_ shape: Expression) {
    switch shape.kind {
    case .name(let name):
      if let symbol = find(name) {
        table.add(symbol, at: shape.range)
      } else if name == "batch", !isRule {
        table.add(builtin(name, .dimension), at: shape.range)
      } else {
        declare(Name(name, shape.range), .dimension)
      }
    case .parenthesized(let inner), .unary(_, let inner), .spread(let inner?): readSizes(inner)
    case .tuple(let entries): for entry in entries { readSizes(entry) }
    case .binary(_, let left, let right):
      readSizes(left)
      readSizes(right)
    default: read(shape)
    }
  }

  // MARK: Calls and expressions

  /// A call that stands in a flow or an expression; its block is read by whoever has it.
  mutating func read(_ call: Call) {
    let callee = meaning(ofCallee: call.name.text)
    if let callee { table.add(callee, at: call.name.range) }
    for argument in call.arguments ?? [] {
      if let name = argument.name, let callee, let symbol = parameter(name.text, of: callee) {
        table.add(symbol, at: name.range)
      }
      read(argument.value)
    }
  }

  private mutating func meaning(ofCallee name: String) -> Int? {
    let visible = find(name)
    if let visible {
      switch table.symbols[visible].kind {
      // A value of the same name does not hide a layer.
      case .input, .target, .dimension: break
      default: return visible
      }
    }
    if let symbol = globals[name] { return symbol }
    let isPlain = keyword == nil && !isRule
    if isPlain, let symbol = callees[name] { return symbol }
    let symbol =
      LanguageFunctions.contains(name, inRule: isRule)
      ? builtin(name, .function) : catalogued(name)
    if isPlain { callees[name] = symbol }
    return symbol ?? visible
  }

  private mutating func catalogued(_ name: String) -> Int? {
    if let keyword, let schema = declared.catalogue.declared(keyword, name) {
      return symbol(of: schema, named: name)
    }
    return declared.schema(named: name).map { symbol(of: $0, named: name) }
  }

  mutating func read(_ expression: Expression) {
    switch expression.kind {
    case .integer, .float, .string, .boolean, .none, .missing: return
    case .name(let name):
      // A bare name is a value first; `optimizer: Adam` is an older form.
      if let symbol = find(name) ?? globals[name] {
        table.add(symbol, at: expression.range)
      } else if keyword != nil || declared.isStepName(name), let symbol = catalogued(name) {
        table.add(symbol, at: expression.range)
      }
    case .call(let call):
      read(call)
      if let block = call.block { read(block) }
    case .parenthesized(let inner), .unary(_, let inner): read(inner)
    case .tuple(let entries), .list(let entries): for entry in entries { read(entry) }
    case .index(let base, let index):
      read(base)
      read(index)
    case .slice(let base, let start, let end):
      read(base)
      if let start { read(start) }
      if let end { read(end) }
    case .binary(_, let left, let right):
      read(left)
      read(right)
    case .comparison(let first, let links):
      read(first)
      for link in links { read(link.operand) }
    case .conditional(let condition, let then, let otherwise):
      read(condition)
      read(then)
      read(otherwise)
    case .spread(let inner): if let inner { read(inner) }
    }
  }

  func isLayer(_ expression: Expression) -> Bool {
    guard case .call(let call) = expression.kind else { return false }
    return declared.schema(named: call.name.text)?.keyword == "layer"
      && !LanguageFunctions.contains(call.name.text, inRule: isRule)
  }
}

/// The functions that the language has.
enum LanguageFunctions {
  /// Those that statements understand, besides the functions of every expression.
  private static let statements: Set<String> = ["dim", "HPO", "choice", "log_range"]

  static func contains(_ name: String, inRule: Bool) -> Bool {
    statements.contains(name) || isFunction(name, inRule: inRule)
  }
}
