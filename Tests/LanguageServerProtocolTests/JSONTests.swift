@testable import LanguageServerProtocol
import Testing

private func parse(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

private let readings: [(String, JSON)] = [
  ("null", JSON.null), (" true ", true), ("\tfalse\r\n", false), ("0", 0), ("-7", -7),
  ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
  ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("-0", .double(-0.0)),
  ("1.0", .double(1)), ("1e3", .double(1000)), ("2.5E-1", .double(0.25)),
  (#""""#, ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{C}\n\r\t"),
  (#""\u00e9\uD83D\uDE00é😀""#, "é😀é😀"), (#""\ud83d""#, "\u{FFFD}"),
  (#""\ud83dx\udE00""#, "\u{FFFD}x\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
  ("[]", []), ("[ 1 , [2] ]", [1, [2]]), ("{ }", [:]),
  (#"{"a":{"b":[null]}, "c" : 1}"#, ["a": ["b": [nil]], "c": 1]),
  (#"{"a":1,"a":2}"#, ["a": 2]),
]

@Suite struct JSONTests {
  @Test(arguments: readings)
  func reads(text: String, value: JSON) throws {
    #expect(try parse(text) == value)
  }

  @Test(arguments: [
    "", " ", "nul", "nulll", "tru e", "01", "-", "+1", "1.", ".5", "1e", "1e+", "--1", "0x10",
    "NaN",
    "Infinity", "1e999", "\"", #""\"#, #""\x""#, #""\u12""#, #""\u12g4""#, "\"\u{1}\"", "\"a\nb\"",
    "'a'",
    "[", "[1", "[1,", "[1,]", "[,]", "[1 2]", "{", "{a:1}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#,
    #"{"a":1"#, #"{"a" 1}"#, "1 2", "[]]", "{}{}", "\u{FEFF}1", "// x\n1",
  ])
  func refuses(text: String) {
    #expect(throws: JSONSyntaxError.self) { try parse(text) }
  }

  @Test(
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0x5C, 0x6E, 0xC0, 0xAF, 0x22], [0xFF],
    ] as [[UInt8]])
  func refusesInvalidUTF8(bytes: [UInt8]) {
    #expect(throws: JSONSyntaxError.self) { try JSON(parsing: bytes) }
  }

  @Test func errorsSayWhere() {
    #expect(throws: JSONSyntaxError(reason: "A value is missing", offset: 5)) {
      try parse("{\"a\":")
    }
  }

  @Test func nestingIsBounded() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try parse(nested(JSON.depthLimit))
    #expect(throws: JSONSyntaxError.self) { try parse(nested(JSON.depthLimit + 1)) }
    #expect(throws: JSONSyntaxError.self) {
      try parse(String(repeating: "{\"a\":", count: 1_000_000))
    }
    // Siblings are not nesting.
    _ = try parse("[" + String(repeating: "[],{},", count: 1000) + "0]")
  }

  @Test(arguments: [
    #"{"a":[1,-2,0.5,"x",true,null],"b":{}}"#, #""\"\\\n\u0000\u001fé😀/""#, "[]",
    "-9223372036854775808",
    "1e+20", "5e-324", "0.1", "-0.0",
  ])
  func writesWhatItReads(text: String) throws {
    #expect(String(decoding: try parse(text).bytes, as: UTF8.self) == text)
  }

  @Test func writesNoInfinity() {
    #expect(JSON.array([.double(.infinity), .double(.nan)]).bytes == Array("[null,null]".utf8))
  }

  @Test func indents() throws {
    #expect(
      try parse(#"{"a":[1,{}],"b":[]}"#).indented == """
        {
          "a": [
            1,
            {}
          ],
          "b": []
        }
        """)
  }

  /// Whatever bytes come, the parser ends with a value or an error.
  @Test func survivesMutations() {
    let seed = Array(#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",true,null,{"b":{}}]}"#.utf8)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      var bytes = seed
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: index)
        default: bytes.insert(seed.randomElement(using: &random)!, at: index)
        }
      }
      if let value = try? JSON(parsing: bytes) {
        #expect((try? JSON(parsing: value.bytes)) == value)
      }
    }
  }
}
