import CCrash
import Glibc
import LanguageServerProtocol
import NeuralModel

/// What is written where the program crashes: the messages of the session up to then, as a recording
/// that can be replayed.
public enum CrashReport {
  /// The folder for logs: `$XDG_STATE_HOME/neural-lsp`, or `~/.local/state/neural-lsp`.
  public static var folder: String? {
    func variable(_ name: String) -> String? {
      guard let value = unsafe getenv(name) else { return nil }
      let text = unsafe String(cString: value)
      return text.hasPrefix("/") ? text : nil
    }
    let state = variable("XDG_STATE_HOME") ?? variable("HOME").map { $0 + "/.local/state" }
    return state.map { $0 + "/neural-lsp" }
  }

  /// Watches from now on. What it gives is to be told of the messages.
  public static func watch(version: String) -> Recording? {
    guard let folder else { return nil }
    StoredFile.makeFolder(folder)
    unsafe crash_watch(
      "\(folder)/crash-\(getpid()).jsonl",
      Recording.header(version: version, what: "The program crashed here."))
    let order = Lock(())
    return Recording { side, line in
      // The client's side is enough to do it again.
      if side != .client { return }
      order.withLock { _ in
        unsafe line.withUnsafeBytes { unsafe crash_note($0.baseAddress, $0.count) }
      }
    }
  }
}
