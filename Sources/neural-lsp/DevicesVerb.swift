import NeuralDevices

extension Verb {
  static let devices = Verb(
    name: "devices", usage: "", summary: "show what can be computed on here",
    options: [
      Option(name: "--format", value: "NAME", help: "text or json", choices: ["text", "json"])
    ]
  ) { (arguments) throws(UsageError) in
    try arguments.none()
    let report = DeviceProbe.run()
    Terminal.write(arguments["--format"] == "json" ? report.json() + "\n" : report.text())
    return 0
  }
}
