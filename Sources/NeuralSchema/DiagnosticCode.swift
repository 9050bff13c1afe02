public enum Severity: String, Sendable, Comparable {
  case error, warning, information, hint

  private var rank: Int {
    switch self {
    case .error: 0
    case .warning: 1
    case .information: 2
    case .hint: 3
    }
  }

  /// More severe is less, so that sorting puts errors first.
  public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
}

/// The codes of language.md, section 12: stable, one page each under Docs/diagnostics/.
public enum DiagnosticCode: String, Sendable, CaseIterable {
  // syntax
  case syntaxError = "syntax-error"
  case unterminatedString = "unterminated-string"
  case invalidUTF8 = "invalid-utf8"
  case duplicateSection = "duplicate-section"
  case missingSection = "missing-section"
  case expansionLimit = "expansion-limit"
  // names
  case unknownLayer = "unknown-layer"
  case undefinedName = "undefined-name"
  case duplicateName = "duplicate-name"
  case unusedValue = "unused-value"
  case unusedDefinition = "unused-definition"
  case importNotFound = "import-not-found"
  case importCycle = "import-cycle"
  case recursiveDefinition = "recursive-definition"
  // arguments
  case missingArgument = "missing-argument"
  case unknownArgument = "unknown-argument"
  case tooManyArguments = "too-many-arguments"
  case duplicateArgument = "duplicate-argument"
  case invalidArgument = "invalid-argument"
  case implicitConversion = "implicit-conversion"
  case notConstant = "not-constant"
  case integerOverflow = "integer-overflow"
  // shapes
  case rankMismatch = "rank-mismatch"
  case shapeMismatch = "shape-mismatch"
  case inputCount = "input-count"
  case noCurrentValue = "no-current-value"
  case sizeTooSmall = "size-too-small"
  case notDivisible = "not-divisible"
  case dtypeMismatch = "dtype-mismatch"
  case implicitBroadcast = "implicit-broadcast"
  case selfMerge = "self-merge"
  case channelOrder = "channel-order"
  case batchReading = "batch-reading"
  case unprovableShape = "unprovable-shape"
  // training
  case lossMismatch = "loss-mismatch"
  case labelMismatch = "label-mismatch"
  case doubleSoftmax = "double-softmax"
  case degenerateActivation = "degenerate-activation"
  case invalidSetting = "invalid-setting"
  case unknownOptimizer = "unknown-optimizer"
  case unknownLoss = "unknown-loss"
  case unknownMetric = "unknown-metric"
  // search
  case searchSpaceError = "search-space-error"
  case emptySearchSpace = "empty-search-space"
  case unusedSearchMethod = "unused-search-method"
  // targets
  case unsupportedByTarget = "unsupported-by-target"
  case onnxCheck = "onnx-check"
  // devices
  case unknownDevice = "unknown-device"
  case deviceMemory = "device-memory"
  // style
  case oldForm = "old-form"
  case layerSpelling = "layer-spelling"
  case unusedAllow = "unused-allow"

  public enum Category: String, Sendable, CaseIterable {
    case syntax, names, arguments, shapes, training, search, targets, devices, style
  }

  public var category: Category {
    switch self {
    case .syntaxError, .unterminatedString, .invalidUTF8, .duplicateSection, .missingSection,
      .expansionLimit:
      .syntax
    case .unknownLayer, .undefinedName, .duplicateName, .unusedValue, .unusedDefinition,
      .importNotFound, .importCycle, .recursiveDefinition:
      .names
    case .missingArgument, .unknownArgument, .tooManyArguments, .duplicateArgument,
      .invalidArgument, .implicitConversion, .notConstant, .integerOverflow:
      .arguments
    case .rankMismatch, .shapeMismatch, .inputCount, .noCurrentValue, .sizeTooSmall, .notDivisible,
      .dtypeMismatch, .implicitBroadcast, .selfMerge, .channelOrder, .batchReading,
      .unprovableShape:
      .shapes
    case .lossMismatch, .labelMismatch, .doubleSoftmax, .degenerateActivation, .invalidSetting,
      .unknownOptimizer, .unknownLoss, .unknownMetric:
      .training
    case .searchSpaceError, .emptySearchSpace, .unusedSearchMethod: .search
    case .unsupportedByTarget, .onnxCheck: .targets
    case .unknownDevice, .deviceMemory: .devices
    case .oldForm, .layerSpelling, .unusedAllow: .style
    }
  }

  /// How grave a finding of this code is unless the user says otherwise.
  public var severity: Severity {
    switch self {
    case .unusedValue, .implicitConversion, .implicitBroadcast, .selfMerge, .channelOrder,
      .doubleSoftmax, .degenerateActivation, .unusedSearchMethod, .unknownDevice, .deviceMemory,
      .unusedAllow:
      .warning
    case .unprovableShape: .information
    case .unusedDefinition, .batchReading, .oldForm, .layerSpelling: .hint
    default: .error
    }
  }
}
