import NeuralDimension

/// The outcome of fitting a value to a parameter's type.
enum Coercion {
  case fits(Value)
  /// It fits after a conversion that deserves a warning; `replacement` is what should be written.
  case converts(Value, replacement: String)
  /// It does not; the reason follows "expects …".
  case fails(CoercionFailure)
}

struct CoercionFailure {
  /// Why, beyond "this is not what is expected", where there is more to say.
  var reason: String?
  /// What should stand there instead, where that is plain.
  var replacement: String?
  /// How well the value matched: failures of a better matching alternative are reported.
  var closeness = 0
}

extension ParameterType {
  /// Fits `value` to this type: integers to floats, one value to every entry of a tuple, names to
  /// what the catalogue declares.
  func coerce(_ value: Value, _ catalogue: Catalogue) -> Coercion {
    if value == .unknown { return .fits(.unknown) }
    switch self {
    case .int:
      switch value {
      case .integer: return .fits(value)
      case .float(let number):
        guard let whole = Int(exactly: number) else {
          return .fails(CoercionFailure(reason: "\(Value.text(number)) is not whole", closeness: 1))
        }
        return .converts(.int(whole), replacement: String(whole))
      case .string(let text):
        guard let whole = Int(text) else { return .fails(CoercionFailure()) }
        return .converts(.int(whole), replacement: String(whole))
      default: return .fails(CoercionFailure())
      }
    case .float:
      switch value {
      case .float: return .fits(value)
      case .integer(let dimension):
        guard let number = dimension.constant else {
          return .fails(
            CoercionFailure(reason: "\(dimension) is not known before running", closeness: 1))
        }
        return .fits(.float(Double(number)))
      case .string(let text):
        guard let number = Double(text) else { return .fails(CoercionFailure()) }
        return .converts(.float(number), replacement: text)
      default: return .fails(CoercionFailure())
      }
    case .bool:
      switch value {
      case .boolean: return .fits(value)
      case .integer(.constant(0)): return .converts(.boolean(false), replacement: "false")
      case .integer(.constant(1)): return .converts(.boolean(true), replacement: "true")
      case .string(let text) where text.lowercased() == "true":
        return .converts(.boolean(true), replacement: "true")
      case .string(let text) where text.lowercased() == "false":
        return .converts(.boolean(false), replacement: "false")
      default: return .fails(CoercionFailure())
      }
    case .string:
      if case .string = value { return .fits(value) }
      return .fails(CoercionFailure())
    case .shape:
      if case .integer = value { return .fits(.tuple([value])) }
      if value.isUnknown { return .fits(value) }
      if value.dimensions != nil, let elements = value.elements { return .fits(.tuple(elements)) }
      return .fails(CoercionFailure())
    case .none:
      return value == .none ? .fits(.none) : .fails(CoercionFailure())
    case .layer:
      if case .layer(let layer) = value, layer.schema.keyword == "layer" { return .fits(value) }
      if case .definition = value { return .fits(value) }
      return .fails(CoercionFailure())
    case .instance:
      guard case .layer(let layer) = value, layer.schema.keyword == "layer" else {
        return .fails(CoercionFailure())
      }
      if layer.instance != nil { return .fits(value) }
      return .fails(
        CoercionFailure(
          reason: "this makes a layer of its own; write `let shared = \(layer)` before it",
          closeness: 1))
    case .value:
      if case .tensor = value { return .fits(value) }
      if case .tuple(let values) = value, !values.isEmpty,
        values.allSatisfy({ if case .tensor = $0 { true } else { false } })
      {
        return .fits(value)
      }
      return .fails(CoercionFailure())
    case .declared(let keyword): return coerceDeclared(value, keyword, catalogue)
    case .literal(let literal): return coerceLiteral(value, literal)
    case .tuple(let types): return coerceTuple(value, types, catalogue)
    case .list(let type):
      guard let elements = value.elements else {
        return ParameterType.map(type.coerce(value, catalogue)) { .list([$0]) }
      }
      return ParameterType.all(elements.map { type.coerce($0, catalogue) }) { .list($0) }
    case .union(let types): return coerceUnion(value, types, catalogue)
    case .refined(let type, let relation, let bound):
      return checked(type.coerce(value, catalogue), value) { number in
        switch relation {
        case .equal: number == bound
        case .notEqual: number != bound
        case .less: number < bound
        case .lessOrEqual: number <= bound
        case .greater: number > bound
        case .greaterOrEqual: number >= bound
        }
      }
    case .interval(let type, let lower, let includesLower, let upper, let includesUpper):
      let isInside = { (number: Double) in
        (includesLower ? number >= lower : number > lower)
          && (includesUpper ? number <= upper : number < upper)
      }
      let result = checked(type.coerce(value, catalogue), value, isInside)
      // A share that is written in percent.
      guard case .fails(var failure) = result, (lower, upper) == (0, 1),
        let percent = value.number, percent >= 2, isInside(percent / 100)
      else { return result }
      let share = Value.text(percent / 100)
      failure.reason = "\(value) is out of range; \(value) % is \(share)"
      failure.replacement = share
      return .fails(failure)
    case .member(let group):
      if case .layer(let layer) = value {
        if layer.schema.belongs(to: group) { return .fits(value) }
        return .fails(CoercionFailure(reason: "\(layer.schema.name) is none", closeness: 1))
      }
      return .fails(CoercionFailure())
    }
  }

  private func coerceDeclared(_ value: Value, _ keyword: String, _ catalogue: Catalogue) -> Coercion
  {
    switch value {
    case .string(let name):
      if let schema = catalogue.declared(keyword, name) {
        return .fits(.layer(LayerValue(schema: schema, arguments: schema.defaultArguments)))
      }
      let near = nearest(to: name, among: catalogue.names(of: keyword))
      return .fails(
        CoercionFailure(
          reason: near.map { "did you mean \(Value.quoted($0))?" }
            ?? "\(Value.quoted(name)) is not one of them",
          replacement: near.map { Value.quoted($0) }, closeness: 2))
    case .layer(let layer)
    where layer.schema.keyword == keyword || layer.schema.category == keyword:
      return .fits(value)
    default: return .fails(CoercionFailure())
    }
  }

  private func coerceLiteral(_ value: Value, _ literal: Value) -> Coercion {
    if value == literal { return .fits(literal) }
    if case .string(let text) = value, case .string(let wanted) = literal {
      if text.lowercased() == wanted.lowercased() {
        return .converts(literal, replacement: literal.description)
      }
      if editDistance(text.lowercased(), wanted.lowercased(), limit: 2) != nil {
        return .fails(
          CoercionFailure(
            reason: "did you mean \(literal)?", replacement: literal.description, closeness: 2))
      }
      return .fails(CoercionFailure(closeness: 1))
    }
    return .fails(CoercionFailure())
  }

  /// One value stands for all entries, `(1, 2)` for `((1, 1), (2, 2))`.
  private func coerceTuple(
    _ value: Value, _ types: [ParameterType], _ catalogue: Catalogue
  ) -> Coercion {
    guard let elements = value.elements else {
      return ParameterType.all(types.map { $0.coerce(value, catalogue) }) { .tuple($0) }
    }
    guard elements.count == types.count else {
      if elements.count == 1 {
        return ParameterType.all(types.map { $0.coerce(elements[0], catalogue) }) { .tuple($0) }
      }
      return .fails(
        CoercionFailure(
          reason: "this has \(elements.count) entries, \(types.count) are needed", closeness: 1))
    }
    return ParameterType.all(
      zip(types, elements).map { $0.coerce($1, catalogue) }
    ) { .tuple($0) }
  }

  private func coerceUnion(
    _ value: Value, _ types: [ParameterType], _ catalogue: Catalogue
  ) -> Coercion {
    var conversion: Coercion?
    var failure = CoercionFailure()
    for type in types {
      switch type.coerce(value, catalogue) {
      case .fits(let result): return .fits(result)
      case .converts(let result, let replacement):
        conversion = conversion ?? .converts(result, replacement: replacement)
      case .fails(let reason):
        if reason.closeness > failure.closeness { failure = reason }
      }
    }
    return conversion ?? .fails(failure)
  }

  private static func map(_ coercion: Coercion, _ wrap: (Value) -> Value) -> Coercion {
    switch coercion {
    case .fits(let value): .fits(wrap(value))
    case .converts(let value, let replacement): .converts(wrap(value), replacement: replacement)
    case .fails: coercion
    }
  }

  private static func all(_ coercions: [Coercion], _ wrap: ([Value]) -> Value) -> Coercion {
    var values: [Value] = []
    var converted = false
    for coercion in coercions {
      switch coercion {
      case .fits(let value): values.append(value)
      case .converts(let value, _):
        values.append(value)
        converted = true
      case .fails: return coercion
      }
    }
    let result = wrap(values)
    if !converted { return .fits(result) }
    // One value for all entries is written as one.
    let text = Set(values).count == 1 ? values[0].description : result.description
    return .converts(result, replacement: text)
  }

  /// A value that fits, where it is in range; a finding shows it as it was written.
  private func checked(
    _ coercion: Coercion, _ written: Value, _ test: (Double) -> Bool
  ) -> Coercion {
    func holds(_ value: Value) -> Bool {
      switch value {
      case .integer(let dimension): dimension.constant.map { test(Double($0)) } ?? true
      case .float(let number): test(number)
      default: true
      }
    }
    switch coercion {
    case .fits(let value), .converts(let value, _):
      if holds(value) { return coercion }
      let shown = written.elements == nil ? written : value
      return .fails(CoercionFailure(reason: "\(shown) is out of range", closeness: 3))
    case .fails: return coercion
    }
  }
}

extension Value {
  fileprivate var number: Double? {
    switch self {
    case .integer(.constant(let number)): Double(number)
    case .float(let number): number
    default: nil
    }
  }
}
