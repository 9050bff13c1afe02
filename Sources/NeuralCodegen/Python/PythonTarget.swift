import NeuralModel
import NeuralSchema

/// What tells apart the frameworks whose models are written in Python. What they share, the walk
/// over the graph with its names, sizes and conditions, is `BlockWriter`'s.
struct PythonTarget: Sendable {
  typealias Emitter = @Sendable (LayerUse) throws(EmissionError) -> Emission

  /// How a block of layers is written.
  enum Form: Sendable {
    /// A class that makes its layers in the constructor and calls them in a method.
    case classes
    /// A function that makes layers and calls them at once, for a functional model.
    case functions
  }

  /// The entry of a declaration that is for it: `pytorch`.
  var entry: String
  var displayName: String
  var form: Form
  /// Where its convolutions and pools want the channels.
  var channels: Layout
  /// Names that its modules use themselves.
  var names: Set<String>
  /// What declarations name with `builtin`, by the layer.
  var emitters: [String: Emitter]
  /// Keras's ReLU with its three parameters, as a function.
  var relu: @Sendable (BoundArguments) throws(EmissionError) -> (String) -> String
  /// A layer that the framework has with the arguments of its declaration: `layers.Conv2D(...)`.
  var own: (@Sendable (LayerUse, String) throws(EmissionError) -> Emission)?
  /// Whether the framework's own layers take initializers, regularizers and constraints by name.
  var takesOptions = false
  /// How its classes are written; functions have none.
  var classes: ClassForm?
  /// A value with its channels second, or last.
  var moved: @Sendable (String, Layout) -> String
  /// What a module offers to train a network, function by function.
  var training: @Sendable (TrainingPlan, TrainingNames) throws(TargetProblem) -> [String]
  /// Imports, and what every module ends with, of a body that is known.
  var frame: @Sendable (PythonFrame) -> PythonFrame

  /// The words of a framework whose blocks are classes.
  struct ClassForm: Sendable {
    /// `nn.Module`, which a block's class extends.
    var base: String
    /// What a module is called by: `forward`.
    var method: String
    /// The type of a value.
    var tensor: String
    /// The constructor's first statements.
    var opening: [String] = []
    /// A keyword with its type that constructors pass on to what draws random numbers: `rngs`.
    var source: (name: String, type: String)?
    /// Modules that are called one after the other, and a list of modules.
    var sequence: String
    var list: String
    /// What gives the modules of a sequence one by one.
    var members = ""
    /// A statement that keeps the weights of a module from being trained.
    var freeze: @Sendable (String) -> String
  }

  func variable(_ name: String) -> String {
    Python.keywords.contains(name) || Python.builtins.contains(name) || names.contains(name)
      ? name + "_" : name
  }

  func className(_ name: String) -> String { variable(name) == name ? name : name + "Module" }

  /// Where a convolution or pool wants the channels of what it reads.
  func channelLayout(_ arguments: BoundArguments?) -> Layout {
    let isFirst = arguments?["data_format"] == .string("channels_first")
    return isFirst == (channels == .channelsSecond) ? .declared : channels
  }
}

/// A module around its blocks.
struct PythonFrame {
  /// The blocks, in the order in which they use one another.
  var body: String
  /// The functions that train the networks, after everything else.
  var training: [String] = []
  /// Import lines by section: the standard library's, others', those that declarations ask for.
  var standard: [String] = []
  var imports: [String] = []
  /// Names that all blocks may use, right after the imports.
  var constants: [String] = []
  /// How the names of weights in a file differ from the framework's, for those that occur.
  var renamed: [String: String]
  var networks: [NetworkGraph]
  /// Where the layers of classes stand in a weights file.
  var paths: [PathTable]
  /// What the module is called in its docstring where the source says nothing.
  var title: String
}
