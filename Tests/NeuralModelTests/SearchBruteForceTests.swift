import NeuralSyntax
import Testing

@testable import NeuralModel

/// Random networks with search variables: what is found in a configuration, line by line, is what is
/// found when it is written out and checked as a file of its own.
@Suite struct SearchBruteForceTests {
  /// A text with places that have several spellings.
  private struct Draft {
    var random: UInt64
    var parts: [String] = []
    /// After each part but the last.
    var choices: [[String]] = []
    var text = ""
    var taps = 0

    mutating func next(_ bound: Int) -> Int {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(random >> 33) % bound
    }

    mutating func write(_ piece: String) { text += piece }

    /// A place with one of these values, or with all of them.
    mutating func value(_ values: [String]) {
      let size = choices.reduce(1) { $0 * $1.count }
      if next(3) == 0 || size > 40 { return write(values[next(values.count)]) }
      var some: [String] = []
      for _ in 0..<(2 + next(2)) {
        let value = values[next(values.count)]
        if !some.contains(value) { some.append(value) }
      }
      if some.count < 2 { return write(some[0]) }
      parts.append(text)
      text = ""
      choices.append(some)
    }

    mutating func statement(_ depth: Int) {
      switch next(depth > 1 ? 10 : 15) {
      case 0:
        write("Conv2D(")
        value(["8", "12", "16"])
        write(", ")
        value(["1", "3", "5", "9"])
        write(", padding=")
        value(["\"same\"", "\"valid\"", "1"])
        write(")")
      case 1:
        write("MaxPooling2D(")
        value(["1", "2", "3"])
        write(")")
      case 2:
        write("Conv2D(")
        value(["8", "12", "18"])
        write(", 3, groups=")
        value(["1", "2", "3", "4"])
        write(")")
      case 3:
        write("Residual { Conv2D(")
        value(["8", "12", "1"])
        write(", 3, padding=")
        value(["\"same\"", "\"valid\""])
        write(") }")
      case 4:
        taps += 1
        write("Conv2D(8, 3, padding=\"same\") -> tap\(taps)\n")
        write("MaxPooling2D(")
        value(["1", "2"])
        write(")\nConcatenate(tap\(taps))")
      case 5:
        value([
          "Flatten()", "ReLU()", "Conv2D(8, 3)", "GlobalAveragePooling2D()", "Softmax()",
          "Conv2D(1, 1, activation=\"softmax\")",
        ])
      case 6:
        write("Block(")
        value(["8", "12"])
        write(", ")
        value(["1", "2"])
        write(")")
      case 7:
        write("Conv2D(dim(-1), 3, padding=\"same\") -> kept\(taps)_\(next(1000))")
      case 8:
        // A repetition has variables of its own, which one text cannot say.
        write("Conv2D(12, \(2 + next(4))) * ")
        value(["1", "2", "3"])
      case 9:
        write("Reshape((-1, ")
        value(["4", "6", "8"])
        write("))")
      case 10:
        write("if ")
        value(["true", "false"])
        write(" {\n")
        block(depth + 1)
        write("\n} else {\n")
        block(depth + 1)
        write("\n}")
      case 11:
        write("for i in range(")
        value(["0", "1", "2"])
        write(") { MaxPooling2D(2) }")
      case 12:
        taps += 1
        write("let width\(taps) = ")
        value(["8", "12", "6"])
        write("\nConv2D(width\(taps), 3, padding=\"same\")\nConv2D(16, 3, groups=width\(taps))")
      case 13:
        taps += 1
        write("if ")
        value(["true", "false"])
        write(
          " {\nConv2D(8, 3, padding=\"same\") -> arm\(taps)\n} else {\nConv2D(8, 3) -> arm\(taps)\n}\n"
        )
        write("Conv2D(8, 1, padding=\"same\")\nAdd(arm\(taps))")
      default:
        write("Concatenate { branch { Conv2D(8, 3, padding=")
        value(["\"same\"", "\"valid\""])
        write(") }\nif ")
        value(["true", "false"])
        write(" { branch { MaxPooling2D(")
        value(["1", "2"])
        write(") } }\nbranch { Conv2D(4, 1) } }")
      }
    }

    mutating func block(_ depth: Int) {
      for _ in 0..<(1 + next(3)) {
        statement(depth)
        write("\n")
      }
    }

    func filled(_ value: (Int) -> String) -> String {
      var whole = ""
      for (index, part) in parts.enumerated() { whole += part + value(index) }
      return whole + text
    }
  }

  private static let head = """
    define Block(filters, stride) {
      Conv2D(filters, 3, strides=stride, padding="same")
      Residual { Conv2D(filters, 3, padding="same") }
    }
    network N {
      input: (20, 20, 8)
      layers:

    """

  /// A finding as both texts have it.
  private struct Place: Hashable, CustomStringConvertible {
    var line: Int
    var code: DiagnosticCode

    var description: String { "line \(line + 1): \(code.rawValue)" }
  }

  /// What is said of all configurations that come so far.
  private static func found(_ analysis: Analysis) -> Set<Place> {
    let tree = analysis.document.tree
    var found: Set<Place> = []
    for diagnostic in analysis.diagnostics
    where ["shapes", "arguments", "training"].contains(diagnostic.code.category.rawValue)
      && !diagnostic.message.contains("configurations")
    {
      let line = tree.position(at: diagnostic.range.lowerBound, in: .utf8).line
      found.insert(Place(line: line, code: diagnostic.code))
    }
    return found
  }

  private static func found(
    _ failures: [SearchFailure], _ configuration: [Int], _ analysis: Analysis
  ) -> Set<Place> {
    let tree = analysis.document.tree
    var found: Set<Place> = []
    for failure in failures where failure.failing[configuration] == true {
      let start = tree.range(of: failure.location.range).lowerBound
      found.insert(Place(line: tree.position(at: start, in: .utf8).line, code: failure.code))
    }
    return found
  }

  @Test func failingConfigurationsAreThose() {
    var (some, warned, counted) = (0, 0, 0)
    for seed in 1...80 {
      var draft = Draft(random: UInt64(seed) &* 977)
      draft.write(Self.head)
      for _ in 0..<4 {
        draft.statement(0)
        draft.write("\n")
      }
      draft.write("}\n")
      let searched = draft.filled { "HPO(choice(\(draft.choices[$0].joined(separator: ", "))))" }
      let analysis = analyse(searched)
      guard let graph = analysis.networks.first else { continue }
      let plain = Self.found(analysis)
      // The variable of each place, if any was made of it.
      var places: [Int] = []
      var offset = 0
      for (index, part) in draft.parts.enumerated() {
        offset += part.utf8.count
        places.append(offset)
        offset += "HPO(choice(\(draft.choices[index].joined(separator: ", "))))".utf8.count
      }
      let variables = places.map { place in
        graph.searchVariables.firstIndex {
          analysis.document.tree.range(of: $0.location.range).lowerBound == place
        }
      }
      var choices = [Int](repeating: 0, count: draft.choices.count)
      var parameters: Set<Int> = []
      var macs: Set<Int> = []
      repeat {
        let text = draft.filled { draft.choices[$0][choices[$0]] }
        var configuration = [Int](repeating: 0, count: graph.searchVariables.count)
        for (place, variable) in variables.enumerated() {
          if let variable { configuration[variable] = choices[place] }
        }
        let alone = analyse(text)
        let expected = Self.found(alone)
        let failures = Self.found(graph.searchFailures, configuration, analysis)
        // What is said of those that come so far, one that fails before may not have come to.
        let found = plain.union(failures)
        let mayStop = expected.contains { $0.code.severity == .error }
        if !(mayStop ? expected.isSubset(of: found) : expected == found) {
          Issue.record(
            """
            seed \(seed): \(plain) and \(failures), alone \(expected), in
            \(text)
            of
            \(searched)
            \(analysis.diagnostics.map { "\($0.code.rawValue): \($0.message)" })
            alone \(alone.diagnostics.map { "\($0.code.rawValue): \($0.message)" })
            """)
          break
        }
        if !mayStop, let totals = alone.networks.first?.totals,
          let count = totals.parameters?.constant, let product = totals.macs.constant
        {
          parameters.insert(count)
          macs.insert(product)
        }
        if !failures.isEmpty { some += 1 }
        if failures.contains(where: { $0.code.severity == .warning }) { warned += 1 }
      } while advance(&choices, draft.choices.map(\.count))
      // Of paths on which something is sure to fail nothing is counted.
      guard let range = graph.totalsRange, let least = parameters.min(),
        let most = parameters.max(), let fewest = macs.min(), let highest = macs.max()
      else { continue }
      counted += 1
      #expect(range.parameters == least...most, "seed \(seed): \(searched)")
      #expect(range.macs == fewest...highest, "seed \(seed): \(searched)")
    }
    #expect(counted > 20, "\(counted)")
    #expect(some > 500 && warned > 50, "\(some), \(warned)")
  }

  private func advance(_ choices: inout [Int], _ counts: [Int]) -> Bool {
    for index in choices.indices.reversed() {
      choices[index] += 1
      if choices[index] < counts[index] { return true }
      choices[index] = 0
    }
    return false
  }
}
