import LanguageServerProtocol
import NeuralIDE

extension ProjectSetting {
  /// What can be written at a place of a `neural.json`, which need not be whole: keys that are not
  /// there yet, and the words that a setting takes.
  static func completions(at offset: Int, in text: [UInt8]) -> [CompletionItem] {
    let scan = ProjectScan(text, upTo: offset)
    guard let settings = settings(at: scan.path) else { return [] }
    let replaced = scan.word(in: text, at: offset)
    func item(_ name: String, _ insert: String, _ kind: CompletionItem.Kind, _ text: String?)
      -> CompletionItem
    {
      CompletionItem(
        label: name, kind: kind, documentation: text, insertText: insert, replaceRange: replaced,
        filterText: "\"\(name)\"")
    }
    guard let key = scan.key else {
      return settings.filter { !scan.keys.contains($0.name) }.map {
        item($0.name, "\"\($0.name)\": ", .setting, $0.description)
      }
    }
    guard let setting = settings.first(where: { $0.name == key }),
      case .array(let words)? = setting.schema["enum"]
    else { return [] }
    return words.compactMap { word in
      guard case .string(let name) = word else { return nil }
      return item(name, "\"\(name)\"", .constant, nil)
    }
  }

  /// The settings of an object by the keys around it.
  private static func settings(at path: [String]) -> [ProjectSetting]? {
    path.reduce(all as [ProjectSetting]?) { settings, key in
      guard case .group(let inner)? = settings?.first(where: { $0.name == key })?.content else {
        return nil
      }
      return inner
    }
  }
}

/// Where in an object a place of unfinished JSON is.
private struct ProjectScan {
  /// The keys of the objects around the one of the place.
  var path: [String] = []
  /// Those that the object has before the place.
  var keys: [String] = []
  /// The key whose value is written here; absent where a key is.
  var key: String?
  /// Where the string begins that the place is in.
  private var string: Int?

  init(_ text: [UInt8], upTo offset: Int) {
    var outer: [(path: [String], keys: [String], key: String?)] = []
    var last: String?
    var index = 0
    let end = min(offset, text.count)
    while index < end {
      switch text[index] {
      case UInt8(ascii: "\""):
        let start = index
        index += 1
        while index < end, text[index] != UInt8(ascii: "\""), text[index] != 0x0A {
          index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        if index >= end {
          string = start
          return
        }
        last = String(decoding: text[start + 1..<min(index, end)], as: UTF8.self)
      case UInt8(ascii: ":"):
        key = last
        if let last { keys.append(last) }
      case UInt8(ascii: ","): key = nil
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        outer.append((path, keys, key))
        // The outermost object has no key.
        if outer.count > 1 { path.append(key ?? "") }
        (keys, key) = ([], nil)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if let around = outer.popLast() { (path, keys, key) = around }
      default: break
      }
      index += 1
    }
  }

  /// What is being written, quotes included.
  func word(in text: [UInt8], at offset: Int) -> Range<Int> {
    let offset = min(offset, text.count)
    guard let string else { return offset..<offset }
    var end = offset
    while end < text.count, text[end] != 0x0A, text[end] != UInt8(ascii: "\"") { end += 1 }
    if end < text.count, text[end] == UInt8(ascii: "\"") { end += 1 }
    return string..<end
  }
}
