// Int(exactly:) rounds with the C library, which is linked where it is imported.
import Glibc

/// What a request is known by: a number or a string, chosen by its sender.
public enum RequestID: Hashable, Sendable, JSONDecodable, JSONEncodable {
  case integer(Int)
  case string(String)

  public init(json: JSON) throws(FieldError) {
    switch json {
    case .integer(let value): self = .integer(value)
    case .double(let value):
      guard let integer = Int(exactly: value) else {
        throw FieldError(problem: "expected an integer or a string")
      }
      self = .integer(integer)
    case .string(let value): self = .string(value)
    default: throw FieldError(problem: "expected an integer or a string, found \(json.kind)")
    }
  }

  public var json: JSON {
    switch self {
    case .integer(let value): .integer(value)
    case .string(let value): .string(value)
    }
  }
}

/// An error that answers a request.
public struct ResponseError: Error, Sendable, Equatable, JSONEncodable {
  public struct Code: RawRepresentable, Sendable, Hashable {
    public var rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let parseError = Code(rawValue: -32700)
    public static let invalidRequest = Code(rawValue: -32600)
    public static let methodNotFound = Code(rawValue: -32601)
    public static let invalidParams = Code(rawValue: -32602)
    public static let internalError = Code(rawValue: -32603)
    public static let serverNotInitialized = Code(rawValue: -32002)
    public static let requestCancelled = Code(rawValue: -32800)
    public static let contentModified = Code(rawValue: -32801)
    public static let requestFailed = Code(rawValue: -32803)
  }

  public var code: Code
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var json: JSON { ["code": .integer(code.rawValue), "message": .string(message)] }
}

/// One message of JSON-RPC 2.0.
public enum Message: Sendable {
  case request(RequestID, method: String, params: JSON)
  case notification(method: String, params: JSON)
  /// `id` is absent where the request could not be read.
  case response(RequestID?, Result<JSON, ResponseError>)

  /// A value that is no message, with the id to answer under, where it has one.
  public struct Malformed: Error, Equatable {
    public var id: RequestID?
    public var error: ResponseError

    public init(id: RequestID?, error: ResponseError) {
      self.id = id
      self.error = error
    }
  }

  public init(json: JSON) throws(Malformed) {
    guard case .object(let object) = json else {
      throw Malformed(
        id: nil,
        error: ResponseError(.invalidRequest, "A message is an object, not \(json.kind)."))
    }
    let id = object["id"].flatMap { try? RequestID(json: $0) }
    func malformed(_ message: String) -> Malformed {
      Malformed(id: id, error: ResponseError(.invalidRequest, message))
    }
    if let version = object["jsonrpc"], version != "2.0" {
      throw malformed("jsonrpc is 2.0 in this protocol.")
    }
    if let method = object["method"] {
      guard case .string(let method) = method else { throw malformed("method is a string.") }
      let params = object["params"] ?? .null
      if let id {
        self = .request(id, method: method, params: params)
      } else if object["id"] == nil {
        self = .notification(method: method, params: params)
      } else {
        throw malformed("id is an integer or a string.")
      }
    } else if let error = object["error"], error != .null {
      let code = (try? error.optionalField("code", as: Int.self)) ?? nil
      let message = (try? error.optionalField("message", as: String.self)) ?? nil
      self = .response(
        id,
        .failure(
          ResponseError(
            code.map { .init(rawValue: $0) } ?? .internalError, message ?? "")))
    } else if let result = object["result"] {
      self = .response(id, .success(result))
    } else {
      throw malformed("A message has a method, a result or an error.")
    }
  }

  public var json: JSON {
    var object: JSONObject = ["jsonrpc": "2.0"]
    switch self {
    case .request(let id, let method, let params):
      object.append("id", id.json)
      object.append("method", .string(method))
      if params != .null { object.append("params", params) }
    case .notification(let method, let params):
      object.append("method", .string(method))
      if params != .null { object.append("params", params) }
    case .response(let id, let result):
      object.append("id", id?.json ?? .null)
      switch result {
      case .success(let value): object.append("result", value)
      case .failure(let error): object.append("error", error.json)
      }
    }
    return .object(object)
  }
}
