/// A JSON value. Integers that fit 64 bits stay integers; every other number is a double.
public enum JSON: Sendable, Equatable {
  case null
  case boolean(Bool)
  case integer(Int)
  case double(Double)
  case string(String)
  case array([JSON])
  case object(JSONObject)

  /// The value of `key`; absent where this is no object or has no such key.
  public subscript(key: String) -> JSON? {
    guard case .object(let object) = self else { return nil }
    return object[key]
  }

  /// What kind of value this is, in the words of an error message.
  public var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "a boolean"
    case .integer, .double: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// The members of a JSON object in the order in which they were written, so that output is stable.
///
/// A key that occurs twice keeps both members; reading finds the last one.
public struct JSONObject: Sendable, ExpressibleByDictionaryLiteral {
  public private(set) var members: [(key: String, value: JSON)]

  public init() { members = [] }

  public init(dictionaryLiteral elements: (String, JSON)...) {
    members = elements.map { (key: $0.0, value: $0.1) }
  }

  public subscript(key: String) -> JSON? {
    members.last { $0.key == key }?.value
  }

  public mutating func append(_ key: String, _ value: JSON) {
    members.append((key: key, value: value))
  }

  /// Leaves the key out where there is no value.
  public mutating func append(_ key: String, _ value: JSON?) {
    if let value { members.append((key: key, value: value)) }
  }
}

extension JSONObject: Equatable {
  /// Order does not matter, and of members with the same key only the last one does.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.lastMembers == right.lastMembers
  }

  private var lastMembers: [String: JSON] {
    Dictionary(members.map { ($0.key, $0.value) }) { _, last in last }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(nilLiteral: ()) { self = .null }

  public init(dictionaryLiteral elements: (String, JSON)...) {
    var object = JSONObject()
    for (key, value) in elements { object.append(key, value) }
    self = .object(object)
  }
}
