// Int(exactly:) rounds with the C library, which is linked where it is imported.
import Glibc

/// A value that a client sent where another was expected. `path` says where: `textDocument.uri`.
public struct FieldError: Error, Equatable, CustomStringConvertible {
  public var path: String
  public var problem: String

  public init(path: String = "", problem: String) {
    self.path = path
    self.problem = problem
  }

  /// The same error, seen from the value around it.
  func inside(_ key: String) -> FieldError {
    let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
    return FieldError(path: key + separator + path, problem: problem)
  }

  public var description: String { path.isEmpty ? problem : "\(path): \(problem)" }
}

public protocol JSONDecodable {
  init(json: JSON) throws(FieldError)
}

public protocol JSONEncodable {
  var json: JSON { get }
}

extension JSON {
  /// The value of a field that must be there.
  public func field<Value: JSONDecodable>(
    _ key: String, as type: Value.Type = Value.self
  ) throws(FieldError) -> Value {
    guard case .object(let object) = self else {
      throw FieldError(problem: "expected an object, found \(kind)")
    }
    guard let value = object[key] else { throw FieldError(path: key, problem: "missing") }
    do throws(FieldError) {
      return try Value(json: value)
    } catch {
      throw error.inside(key)
    }
  }

  /// The value of a field that may be absent or null.
  public func optionalField<Value: JSONDecodable>(
    _ key: String, as type: Value.Type = Value.self
  ) throws(FieldError) -> Value? {
    guard case .object(let object) = self else {
      throw FieldError(problem: "expected an object, found \(kind)")
    }
    guard let value = object[key], value != .null else { return nil }
    do throws(FieldError) {
      return try Value(json: value)
    } catch {
      throw error.inside(key)
    }
  }
}

extension JSON: JSONDecodable, JSONEncodable {
  public init(json: JSON) { self = json }
  public var json: JSON { self }
}

extension Bool: JSONDecodable, JSONEncodable {
  public init(json: JSON) throws(FieldError) {
    guard case .boolean(let value) = json else {
      throw FieldError(problem: "expected a boolean, found \(json.kind)")
    }
    self = value
  }
  public var json: JSON { .boolean(self) }
}

extension Int: JSONDecodable, JSONEncodable {
  public init(json: JSON) throws(FieldError) {
    switch json {
    case .integer(let value): self = value
    // Some clients write every number as a double.
    case .double(let value):
      guard let integer = Int(exactly: value) else {
        throw FieldError(problem: "expected an integer, found \(value)")
      }
      self = integer
    default: throw FieldError(problem: "expected an integer, found \(json.kind)")
    }
  }
  public var json: JSON { .integer(self) }
}

extension String: JSONDecodable, JSONEncodable {
  public init(json: JSON) throws(FieldError) {
    guard case .string(let value) = json else {
      throw FieldError(problem: "expected a string, found \(json.kind)")
    }
    self = value
  }
  public var json: JSON { .string(self) }
}

extension Array: JSONDecodable where Element: JSONDecodable {
  public init(json: JSON) throws(FieldError) {
    guard case .array(let elements) = json else {
      throw FieldError(problem: "expected an array, found \(json.kind)")
    }
    self = []
    reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      do throws(FieldError) {
        append(try Element(json: element))
      } catch {
        throw error.inside("[\(index)]")
      }
    }
  }
}

extension Array: JSONEncodable where Element: JSONEncodable {
  public var json: JSON { .array(map(\.json)) }
}
