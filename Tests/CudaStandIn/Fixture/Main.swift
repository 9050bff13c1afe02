import Glibc
import NeuralDevices

/// The smallest program that can be its own helper: prints the report, or is the helper that is asked for it.
@main struct DeviceProbeFixture {
  static func main() {
    DeviceProbe.becomeHelperIfAsked(CommandLine.arguments.dropFirst())
    switch CommandLine.arguments.dropFirst().first {
    case "--json": print(DeviceProbe.run().json())
    case "--leaks": leaks()
    default: print(DeviceProbe.run().text(), terminator: "")
    }
  }

  /// Asks drivers of every temper, and prints how many descriptors and children are left over. Here and not in a test's
  /// own process, where other tests open files at the same time.
  private static func leaks() {
    let before = descriptors()
    for round in 0..<4 {
      for behaviour in ["two", "hang", "crash", "exit", "error 999", "child"] {
        let report = DeviceProbe.run(
          environment: ["STANDIN_CUDA": behaviour],
          timeout: behaviour == "hang" || behaviour == "child" ? .milliseconds(300) : .seconds(20))
        if round == 0 { print(behaviour, report.cuda.status.word) }
      }
      _ = DeviceProbe.run(executable: "/nowhere/at/all")
    }
    print("descriptors", descriptors() - before)
    let child = waitpid(-1, nil, WNOHANG)
    print("children", child == -1 && errno == ECHILD ? "none" : "left")
  }

  private static func descriptors() -> Int {
    (0..<1024).count { fcntl($0, F_GETFD) != -1 }
  }
}
