extension LSP {
  /// One signature, which is all that a call here has.
  public struct SignatureHelp: Sendable, JSONEncodable {
    public struct Parameter: Sendable {
      /// Where it stands in the label, in UTF-16; its text for clients that look for that.
      public var label: Label
      public var documentation: MarkupContent?

      public enum Label: Sendable {
        case offsets(Int, Int)
        case text(String)
      }

      public init(label: Label, documentation: MarkupContent?) {
        self.label = label
        self.documentation = documentation
      }

      var json: JSON {
        var object = JSONObject()
        switch label {
        case .offsets(let start, let end):
          object.append("label", [.integer(start), .integer(end)])
        case .text(let text): object.append("label", .string(text))
        }
        object.append("documentation", documentation?.json)
        return .object(object)
      }
    }

    public var label: String
    public var documentation: MarkupContent?
    public var parameters: [Parameter]
    /// Past the last one where none is given here.
    public var activeParameter: Int

    public init(
      label: String, documentation: MarkupContent?, parameters: [Parameter], activeParameter: Int
    ) {
      self.label = label
      self.documentation = documentation
      self.parameters = parameters
      self.activeParameter = activeParameter
    }

    public var json: JSON {
      var signature: JSONObject = ["label": .string(label)]
      signature.append("documentation", documentation?.json)
      signature.append("parameters", .array(parameters.map(\.json)))
      return [
        "signatures": [.object(signature)], "activeSignature": 0,
        "activeParameter": .integer(activeParameter),
      ]
    }
  }
}
