import LanguageServerProtocol
import NeuralModel

extension CheckReport {
  /// Workflow commands, one for each finding.
  var github: String {
    var output = ""
    for file in files {
      for diagnostic in file.diagnostics {
        let start = file.tree.place(at: diagnostic.range.lowerBound)
        let end = file.tree.place(at: diagnostic.range.upperBound)
        let command =
          switch diagnostic.severity {
          case .error: "error"
          case .warning: "warning"
          case .information, .hint: "notice"
          }
        output += "::\(command) file=\(Self.property(file.path)),line=\(start.line)"
        output += ",endLine=\(end.line)"
        // Columns are only of use on one line.
        if start.line == end.line { output += ",col=\(start.column),endColumn=\(end.column)" }
        output += ",title=\(diagnostic.code.rawValue)::\(Self.data(diagnostic.message))\n"
      }
    }
    return output
  }

  private static func data(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { Excerpt.clean(String($0)).replacing("%", with: "%25") }.joined(separator: "%0A")
  }

  private static func property(_ text: String) -> String {
    data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }

  /// GitLab's Code Quality report.
  var gitlab: JSON {
    var seen: [UInt64: Int] = [:]
    var issues: [JSON] = []
    for file in files {
      for diagnostic in file.diagnostics {
        let start = file.tree.place(at: diagnostic.range.lowerBound)
        let end = file.tree.place(at: diagnostic.range.upperBound)
        // Not of the line's number: it is to stay the same when lines above come and go.
        let line = Excerpt(file, diagnostic.range).line
        var hash = [file.path, diagnostic.code.rawValue, diagnostic.message, line]
          .joined(separator: "\u{0}").utf8.fnv1a
        seen[hash, default: 0] += 1
        hash = hash &+ UInt64(seen[hash, default: 1] - 1)
        let severity =
          switch diagnostic.severity {
          case .error: "major"
          case .warning: "minor"
          case .information, .hint: "info"
          }
        let digits = String(hash, radix: 16)
        issues.append([
          "description": .string(diagnostic.message),
          "check_name": .string(diagnostic.code.rawValue),
          "fingerprint": .string(String(repeating: "0", count: 16 - digits.count) + digits),
          "severity": .string(severity),
          "location": [
            "path": .string(file.path),
            "lines": ["begin": .integer(start.line), "end": .integer(end.line)],
          ],
        ])
      }
    }
    return .array(issues)
  }

  /// JUnit's XML: a suite for each file, a failed case for each error and warning.
  var junit: String {
    let total = files.reduce(0) { $0 + max(failures(in: $1).count, 1) }
    let failed = files.reduce(0) { $0 + failures(in: $1).count }
    var output = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    output += "<testsuites name=\"neural-lsp\" tests=\"\(total)\" failures=\"\(failed)\">\n"
    for file in files {
      let failures = failures(in: file)
      let path = Self.xml(file.path)
      output += "  <testsuite name=\"\(path)\" tests=\"\(max(failures.count, 1))\""
      output += " failures=\"\(failures.count)\">\n"
      if failures.isEmpty {
        output += "    <testcase name=\"check\" classname=\"\(path)\"/>\n"
      }
      for diagnostic in failures {
        let place = file.tree.place(at: diagnostic.range.lowerBound)
        let code = diagnostic.code.rawValue
        output += "    <testcase name=\"\(code) at \(place.line):\(place.column)\""
        output += " classname=\"\(path)\" line=\"\(place.line)\">\n"
        output += "      <failure type=\"\(diagnostic.severity.rawValue)\""
        output += " message=\"\(Self.xml(diagnostic.message))\">"
        output += "\(path):\(place.line):\(place.column)</failure>\n"
        output += "    </testcase>\n"
      }
      output += "  </testsuite>\n"
    }
    return output + "</testsuites>\n"
  }

  private func failures(in file: CheckedFile) -> [Diagnostic] {
    file.diagnostics.filter { $0.severity <= .warning }
  }

  private static func xml(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case "\t": result += "&#9;"
      default:
        // XML has no way to write other control characters.
        result.unicodeScalars.append(
          scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF
            ? "\u{FFFD}" : scalar)
      }
    }
    return result
  }
}
