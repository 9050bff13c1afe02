import Testing

@testable import NeuralSyntax

@Suite struct PositionTests {
  /// Position by position, as a reader of characters would count.
  private func reference(_ text: [UInt8]) -> [(offset: Int, line: Int, columns: [Int])] {
    var places: [(offset: Int, line: Int, columns: [Int])] = []
    var line = 0
    var columns = [0, 0, 0]
    var offset = 0
    let scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
    var index = 0
    while index < scalars.count {
      places.append((offset, line, columns))
      let scalar = scalars[index]
      if scalar == "\r", index + 1 < scalars.count, scalars[index + 1] == "\n" {
        index += 2
        offset += 2
        line += 1
        columns = [0, 0, 0]
        continue
      }
      let length = String(Character(scalar)).utf8.count
      if scalar == "\n" || scalar == "\r" {
        line += 1
        columns = [0, 0, 0]
      } else {
        columns = [columns[0] + length, columns[1] + (length == 4 ? 2 : 1), columns[2] + 1]
      }
      index += 1
      offset += length
    }
    places.append((offset, line, columns))
    return places
  }

  private let encodings: [ColumnEncoding] = [.utf8, .utf16, .utf32]

  private func checkPositions(_ text: String) {
    let bytes = Array(text.utf8)
    let tree = check(bytes)
    let places = reference(bytes)
    #expect(tree.lineCount == places.last.map { $0.line + 1 })
    for (number, encoding) in encodings.enumerated() {
      var cursor = PositionCursor(tree, in: encoding)
      for place in places {
        let walked = cursor.position(at: place.offset)
        guard walked == TextPosition(line: place.line, column: place.columns[number]) else {
          Issue.record("\(place) is \(walked) in \(encoding) on the way")
          return
        }
        let position = TextPosition(line: place.line, column: place.columns[number])
        guard tree.position(at: place.offset, in: encoding) == position,
          tree.offset(of: position, in: encoding) == place.offset
        else {
          Issue.record(
            "\(place) is \(tree.position(at: place.offset, in: encoding)) in \(encoding)")
          return
        }
      }
    }
  }

  @Test func shortTexts() {
    for text in ["", "a", "\n", "\r", "\r\n", "a\r\nb\rc\n", "\n\r", "é😀x\r\n😀", "# 😀\n\n\n"] {
      checkPositions(text)
    }
  }

  @Test(arguments: ["\n", "\r\n", "\r"]) func longTexts(_ lineBreak: String) {
    let line = "    Dense(10, name=\"größe 😀\")  # ½ 😀"
    checkPositions(
      "define A {" + lineBreak + String(repeating: line + lineBreak, count: 100) + "}" + lineBreak)
  }

  @Test func oneLongLine() {
    checkPositions("define A {" + String(repeating: " Dense(\"😀é\")", count: 400) + " }\n# end")
  }

  @Test func insideACharacterOrLineBreak() {
    let tree = check("# 😀\r\nx")
    #expect(tree.position(at: 3, in: .utf16) == TextPosition(line: 0, column: 2))
    #expect(tree.position(at: 6, in: .utf16) == TextPosition(line: 0, column: 4))
    // Between \r and \n: the end of the line.
    #expect(tree.position(at: 7, in: .utf16) == TextPosition(line: 0, column: 4))
    #expect(tree.position(at: 8, in: .utf16) == TextPosition(line: 1, column: 0))
    // Inside the surrogate pair.
    #expect(tree.offset(of: TextPosition(line: 0, column: 3), in: .utf16) == 2)
    #expect(tree.offset(of: TextPosition(line: 0, column: 99), in: .utf16) == 6)
  }

  @Test func outsideTheText() {
    let tree = check("a\nb")
    #expect(tree.position(at: -5, in: .utf16) == TextPosition(line: 0, column: 0))
    #expect(tree.position(at: 99, in: .utf16) == TextPosition(line: 1, column: 1))
    #expect(tree.offset(of: TextPosition(line: -1, column: 5), in: .utf8) == 0)
    #expect(tree.offset(of: TextPosition(line: 7, column: 0), in: .utf8) == 3)
    #expect(tree.offset(of: TextPosition(line: 0, column: -2), in: .utf8) == 0)
    #expect(tree.offset(of: TextPosition(line: 1, column: .max), in: .utf8) == 3)
    #expect(tree.offset(of: TextPosition(line: .max, column: .max), in: .utf8) == 3)
  }

  @Test func invalidBytesCountAsDecodersReplaceThem() {
    // F0 9F is one part of a character, FF another: two replacement characters.
    let tree = check([0x23, 0xF0, 0x9F, 0xFF, 0x61])
    #expect(tree.position(at: 4, in: .utf16) == TextPosition(line: 0, column: 3))
    #expect(tree.offset(of: TextPosition(line: 0, column: 3), in: .utf32) == 4)
    #expect(tree.position(at: 2, in: .utf8) == TextPosition(line: 0, column: 1))
    #expect(errors(tree).count == 1)
  }
}
