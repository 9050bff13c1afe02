// swift-tools-version: 6.2
import Foundation
import PackageDescription

// One direction, no way back: every target may import only targets listed above it.
// Docs/ARCHITECTURE.md says what each room holds.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  // Generic code of one room is compiled for the types of another.
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

func room(
  _ name: String, _ dependencies: [String] = [], plugins: [Target.PluginUsage] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, swiftSettings: strict,
    plugins: plugins)
}

func tests(_ name: String, _ dependencies: [String] = [], module: String? = nil) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: ([module ?? name, "Support"] + dependencies).map { .init(stringLiteral: $0) },
    path: "Tests/\(name)Tests",
    swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)])
}

/// The helper that links libonnx is built where Debian's libonnx-dev is; without it all else is.
let hasONNX = FileManager.default.fileExists(atPath: "/usr/include/onnx/checker.h")

let onnxHelper: [Target] = [
  .target(
    name: "COnnx",
    cxxSettings: [.define("ONNX_ML", to: "1"), .define("ONNX_NAMESPACE", to: "onnx")],
    linkerSettings: ["onnx", "onnx_proto", "protobuf"].map { .linkedLibrary($0) }),
  .executableTarget(name: "neural-onnx", dependencies: ["COnnx"], swiftSettings: strict),
]

let package = Package(
  name: "neural-lsp",
  products: [.executable(name: "neural-lsp", targets: ["neural-lsp"])],
  targets: [
    room("NeuralThreads"),
    room("NeuralSyntax"),
    room("NeuralDimension"),
    // The declarations of Schemas/, embedded by the C compiler (#embed).
    .target(name: "CCatalogue", cSettings: [.unsafeFlags(["-std=c23"])]),
    // The pages that `explain` shows and the schemas that `schema` prints, embedded likewise.
    .target(name: "CPages", cSettings: [.unsafeFlags(["-std=c23"])]),
    room("NeuralSchema", ["NeuralThreads", "NeuralSyntax", "NeuralDimension", "CCatalogue"]),
    room("NeuralModel", ["NeuralThreads", "NeuralSyntax", "NeuralDimension", "NeuralSchema"]),
    room("NeuralCodegen", ["NeuralSyntax", "NeuralDimension", "NeuralSchema", "NeuralModel"]),
    .target(name: "CCuda"),
    room("NeuralDevices", ["CCuda"]),
    // Compiles Syntax/queries/highlights.scm into a source file of NeuralIDE.
    .executableTarget(name: "highlight-table", swiftSettings: strict),
    .plugin(
      name: "HighlightTable", capability: .buildTool(), dependencies: ["highlight-table"],
      path: "Sources/HighlightTable"),
    room("NeuralONNX", ["NeuralCodegen"]),
    room(
      "NeuralIDE",
      [
        "NeuralThreads", "NeuralSyntax", "NeuralDimension", "NeuralSchema", "NeuralModel",
        "NeuralCodegen",
      ], plugins: ["HighlightTable"]),
    room("LanguageServerProtocol"),
    .target(name: "CCrash"),
    room(
      "NeuralServer",
      [
        "NeuralThreads", "NeuralSyntax", "NeuralModel", "NeuralIDE", "LanguageServerProtocol",
        "NeuralDevices", "NeuralONNX", "CCrash",
      ]),
    .executableTarget(
      name: "neural-lsp",
      dependencies: [
        "NeuralServer", "NeuralSyntax", "NeuralSchema", "NeuralModel", "NeuralCodegen", "NeuralIDE",
        "LanguageServerProtocol", "NeuralDevices", "NeuralONNX", "CPages",
      ], swiftSettings: strict),

    .target(
      name: "Support",
      dependencies: ["NeuralSyntax"],
      path: "Tests/Support", swiftSettings: [.swiftLanguageMode(.v6)]),
    tests("NeuralSyntax"),
    .executableTarget(
      name: "neural-fuzz", dependencies: ["NeuralSyntax", "Support", "ModelSupport"],
      path: "Tests/Fuzz",
      exclude: ["corpus"], swiftSettings: strict),
    .target(name: "CAllocated", path: "Tests/Benchmarks/Allocated"),
    .executableTarget(
      name: "neural-benchmarks",
      dependencies: [
        "NeuralSyntax", "NeuralModel", "NeuralCodegen", "LanguageServerProtocol", "Support",
        "CAllocated",
      ],
      path: "Tests/Benchmarks",
      exclude: [
        "Allocated", "onnx-shapes.cc", "report.py", "run", "server", "server_report.py",
        "shape_texts.py", "tree-sitter.c",
      ],
      swiftSettings: strict),
    // Prints trees, for Tests/Editors to compare with tree-sitter's.
    .executableTarget(
      name: "syntax-dump", dependencies: ["NeuralSyntax"], path: "Tests/SyntaxDump",
      swiftSettings: strict),
    tests("NeuralDimension"),
    tests("NeuralSchema"),
    // What analyses say, to be compared.
    .target(
      name: "ModelSupport", dependencies: ["NeuralModel", "Support"], path: "Tests/ModelSupport",
      swiftSettings: [.swiftLanguageMode(.v6)]),
    tests("NeuralModel", ["ModelSupport"]),
    tests("NeuralCodegen", ["NeuralModel"]),
    // The smallest program that can be the helper which asks the CUDA driver.
    .executableTarget(
      name: "device-probe-fixture", dependencies: ["NeuralDevices"],
      path: "Tests/CudaStandIn/Fixture", swiftSettings: strict),
    tests("NeuralDevices", ["device-probe-fixture"]),
    tests("NeuralIDE"),
    tests("HighlightTable", module: "highlight-table"),
    tests("LanguageServerProtocol"),
    tests("NeuralONNX", ["NeuralCodegen", "NeuralModel"]),
    tests("NeuralServer", ["LanguageServerProtocol"]),
  ] + (hasONNX ? onnxHelper : []),
  cxxLanguageStandard: .cxx17
)
