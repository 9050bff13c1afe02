import NeuralSchema
import NeuralSyntax

/// Values that a user gives a network's parameters and search variables.
public struct NetworkSettings: Sendable {
  var parameters: [String: Value] = [:]
  var choices: [Search.Key: Search.Setting] = [:]

  public init() {}

  /// Why a setting means nothing.
  public struct Problem: Error, Sendable {
    public var message: String
  }

  /// Sets what is called `name` in a network: a parameter, or a search variable of the graph. `text`
  /// is a value as the language writes it; a word is a string.
  public mutating func set(
    _ name: String, to text: String, in graph: NetworkGraph
  ) throws(Problem) {
    guard let value = NetworkSettings.value(text) else {
      throw Problem(message: "`\(text)` is no value: write a number, a word, true, false or none.")
    }
    let parameters = graph.declaration.parameters.map(\.name.text)
    let found = graph.searchVariables.filter { $0.name == name }
    // A parameter whose default is a search space is set as one.
    if let variable = found.first {
      choices[variable.key] = try NetworkSettings.setting(value, of: variable)
      return
    }
    guard parameters.contains(name) else {
      let names = parameters + graph.searchVariables.map(\.name)
      let hint = nearest(to: name, among: names).map { "; did you mean `\($0)`?" }
      let all =
        names.isEmpty
        ? "; it has neither" : "; there are \(names.map { "`\($0)`" }.joined(separator: ", "))"
      throw Problem(
        message: "`\(graph.name)` has no parameter or search variable `\(name)`"
          + (hint ?? all + "."))
    }
    self.parameters[name] = value
  }

  /// Sets every search variable to one of its values, by its place.
  public mutating func choose(_ choices: [Int], in graph: NetworkGraph) {
    for (variable, choice) in zip(graph.searchVariables, choices) {
      self.choices[variable.key] = .choice(choice)
    }
  }

  private static func setting(
    _ value: Value, of variable: SearchVariable
  ) throws(Problem) -> Search.Setting {
    let known = variable.values.compactMap { $0 }
    if variable.isContinuous {
      if let number = value.number, let least = known.first?.number, let most = known.last?.number,
        least <= number, number <= most
      {
        return .value(value)
      }
      throw Problem(
        message: "`\(variable.name)` is a number from \(known.first?.description ?? "?") to "
          + "\(known.last?.description ?? "?"), not \(value).")
    }
    let choice = variable.values.firstIndex { own in
      guard let own else { return false }
      return own == value || own.description == value.description
        || own.number != nil && own.number == value.number
        || value == .string(own.description)
    }
    guard let choice else {
      throw Problem(
        message: "`\(variable.name)` is one of "
          + "\(known.map(\.description).joined(separator: ", ")), not \(value).")
    }
    return .choice(choice)
  }

  /// A literal of the language; a word that is none is a string.
  private static func value(_ text: String) -> Value? {
    let file = SyntaxTree.parse(Array("network Set(value=\(text)) {}".utf8)).sourceFile
    guard case .network(let network)? = file.declarations.first, network.parameters.count == 1,
      let expression = network.parameters[0].defaultValue
    else { return nil }
    // The spelling of a layer, as a choice lists it.
    return literal(expression) ?? .string(text)
  }

  private static func literal(_ expression: Expression) -> Value? {
    switch expression.kind {
    case .integer(let value): return value.map(Value.int)
    case .float(let value): return .float(value)
    case .string(let value): return .string(value)
    case .boolean(let value): return .boolean(value)
    case .none: return Value.none
    case .name(let name): return .string(name)
    case .parenthesized(let inner): return literal(inner)
    case .unary(.minus, let operand):
      switch literal(operand) {
      case .integer(.constant(let value)): return .int(-value)
      case .float(let value): return .float(-value)
      default: return nil
      }
    case .tuple(let elements), .list(let elements):
      let values = elements.compactMap(literal)
      return values.count == elements.count ? .tuple(values) : nil
    default: return nil
    }
  }
}
