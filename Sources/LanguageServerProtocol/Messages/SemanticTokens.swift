extension LSP {
  /// `semanticTokens/full/delta`: a document, and which earlier answer the client has.
  public struct SemanticTokensDeltaParams: Sendable, JSONDecodable {
    public var uri: String
    public var previousResultID: String

    public init(json: JSON) throws(FieldError) {
      uri = try DocumentParams(json: json).uri
      previousResultID = try json.field("previousResultId")
    }
  }

  /// Which number stands for which type and modifier.
  public struct SemanticTokensLegend: Sendable, Equatable, JSONEncodable {
    public var tokenTypes: [String]
    public var tokenModifiers: [String]

    public init(tokenTypes: [String], tokenModifiers: [String]) {
      self.tokenTypes = tokenTypes
      self.tokenModifiers = tokenModifiers
    }

    public var json: JSON {
      [
        "tokenTypes": .array(tokenTypes.map(JSON.string)),
        "tokenModifiers": .array(tokenModifiers.map(JSON.string)),
      ]
    }
  }

  /// Five numbers for each token: lines and columns from the one before, length, type, modifiers.
  public struct SemanticTokens: Sendable, Equatable, JSONEncodable {
    /// Under which a later request can name this answer; absent in the answer for a range.
    public var resultID: String?
    public var data: [Int]

    public init(resultID: String?, data: [Int]) {
      self.resultID = resultID
      self.data = data
    }

    public var json: JSON {
      var object = JSONObject()
      object.append("resultId", resultID.map(JSON.string))
      object.append("data", data.json)
      return .object(object)
    }
  }

  /// What becomes of the numbers of an earlier answer.
  public struct SemanticTokensDelta: Sendable, Equatable, JSONEncodable {
    public struct Edit: Sendable, Equatable, JSONEncodable {
      public var start: Int
      public var deleteCount: Int
      public var data: [Int]

      public init(start: Int, deleteCount: Int, data: [Int]) {
        self.start = start
        self.deleteCount = deleteCount
        self.data = data
      }

      public var json: JSON {
        [
          "start": .integer(start), "deleteCount": .integer(deleteCount), "data": data.json,
        ]
      }
    }

    public var resultID: String
    public var edits: [Edit]

    public init(resultID: String, edits: [Edit]) {
      self.resultID = resultID
      self.edits = edits
    }

    public var json: JSON { ["resultId": .string(resultID), "edits": edits.json] }
  }
}
