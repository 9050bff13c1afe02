import NeuralDimension
import NeuralSchema
import NeuralSyntax

/// A place in a file of the workspace, or of the catalogue.
public struct Location: Hashable, Sendable {
  public var file: FileID
  public var range: SourceRange

  public init(_ file: FileID, _ range: SourceRange) {
    self.file = file
    self.range = range
  }
}

/// A tensor of a graph.
public struct GraphValue: Sendable {
  /// `nil` where an error, reported at its place, left it unknown.
  public var type: TensorType?
  /// The node that makes it, or the definition's or network's input.
  public var producer: Producer
  /// The name that the definition or network gives it that makes it.
  public var name: String?
  /// Those that others give it, each with their scope: where what makes it is used, and where it flows
  /// in.
  var otherNames: [(owner: Int, name: String)] = []
  /// Its types in all configurations of the search space, where they differ; `type` is that of the
  /// default one.
  public var alternatives: [TensorType] = []

  public enum Producer: Sendable, Equatable {
    case input(Int)
    case node(Int, output: Int)
  }
}

/// One use of a layer.
public struct GraphNode: Sendable {
  /// `stage_2/bottleneck_1/conv2d_3` (language.md, section 10).
  public var path: String
  public var schema: LayerSchema
  public var arguments: BoundArguments
  /// Values read, in the layer's order.
  public var inputs: [Int]
  /// Values made.
  public var outputs: [Int]
  /// What its declaration says; absent where that is not known.
  var inference: Inference?
  /// The node that owns the weights, where this is a further use of a shared instance.
  public var sharedWith: Int?
  /// The `let` instance that this is a use of.
  public var instance: Int?
  /// Initializers, regularizers and constraints of its weights, where they are given.
  public var options: [BoundArgument] = []
  /// The node whose kernel this one uses, transposed.
  public var tiedTo: Int?
  /// The type that it computes in, where that is stated.
  public var dtype: DType?
  public var isTrainable: Bool
  public var device: String?
  /// The step in the source: for parts of a composite layer, the composite's.
  public var location: Location
  public var calleeRange: SourceRange
  /// Just inside the parenthesis that closes its arguments, where the call has one.
  public var argumentsEnd: SourceRange?
  /// The name it was given by a target or `name=`, where it has one.
  public var hasOwnName: Bool
  public var documentation: String?
  /// The scope whose items contain it.
  public var scope: Int
  /// Whether it ends in a softmax or its logarithm.
  var endsInDistribution = false
  /// What it costs in the configurations of the search space, where that differs.
  public var costs: [Totals] = []
}

/// A part of the network that the source groups.
public struct GraphScope: Sendable {
  public var kind: Kind
  /// The path of what is inside, without a trailing slash; empty for the network.
  public var path: String
  public var parent: Int?
  public var items: [Item]
  public var inputs: [Int]
  public var outputs: [Int]
  public var location: Location
  public var documentation: String?
  /// The scope that owns the weights, where this is a further use of a shared composite layer.
  public var sharedWith: Int?
  /// Its `let` constants, as they are written.
  public var lets: [String: Expression] = [:]

  public enum Item: Sendable, Equatable {
    case node(Int)
    case scope(Int)
  }

  public enum Kind: Sendable {
    case network
    /// A call of a definition, by its place in the workspace, with its arguments.
    case definition(Int, BoundArguments)
    /// `step * n`: each item is one repetition; `n` as it is written.
    case repetition(Int, Expression)
    /// One repetition, where it is more than a single item.
    case iteration
    /// `Sequential { … }`, and the statements that belong to a layer.
    case sequence
    /// The inside of a container such as `Residual`; its own node follows it.
    case container
    case branch
    case shortcut
    /// A layer that is made of others.
    case composite(LayerSchema, BoundArguments)
    /// The arm that an `if` took: its index among the conditions, their number for `else`.
    case arm([Expression], chosen: Int)
  }
}

public struct NetworkInput: Sendable {
  public var name: String
  public var value: Int
  public var location: Location
}

extension NetworkGraph {
  /// The scope of the definition, of the layer made of others or of the network that a scope is in.
  func owner(of scope: Int) -> Int {
    var scope = scope
    while let parent = scopes[scope].parent {
      switch scopes[scope].kind {
      case .definition, .composite: return scope
      default: scope = parent
      }
    }
    return scope
  }

  /// What a value is called in the definition, layer or network of this scope.
  public func name(of value: Int, in owner: Int) -> String? {
    let described = values[value]
    if let other = described.otherNames.first(where: { $0.owner == owner }) { return other.name }
    return maker(of: value) == owner ? described.name : nil
  }

  /// The scope of what makes a value.
  func maker(of value: Int) -> Int {
    guard case .node(let node, _) = values[value].producer, nodes.indices.contains(node) else {
      return 0
    }
    return owner(of: nodes[node].scope)
  }

  /// What a value is called there, else by what makes it or by any other.
  public func name(of value: Int, from owner: Int) -> String? {
    name(of: value, in: owner) ?? values[value].name ?? values[value].otherNames.first?.name
  }
}

public struct NetworkOutput: Sendable {
  public var name: String
  public var value: Int
}

/// The loss of one output, by its place in `NetworkGraph.outputs`.
public struct NetworkLoss: Sendable {
  public var output: Int
  public var loss: LayerValue
}

/// What a network means: a tree of scopes over typed nodes. Everything that a user is shown or
/// given is read from here.
public struct NetworkGraph: Sendable {
  public var name: String
  public var file: FileID
  public var declaration: NetworkDeclaration
  public var inputs: [NetworkInput] = []
  public var outputs: [NetworkOutput] = []
  public var nodes: SegmentedArray<GraphNode> = []
  /// The first is the network's own.
  public var scopes: SegmentedArray<GraphScope> = []
  public var values: SegmentedArray<GraphValue> = []
  public var symbols: [Symbol] = []
  public var facts = Facts()
  /// The variables of its search space, in the order in which expansion met them.
  public var searchVariables: [SearchVariable] = []
  /// Where its totals lie over all of them, where that is known.
  public var totalsRange: TotalsRange?
  /// What only some configurations have.
  var searchFailures: [SearchFailure] = []
  public var dataFormat = DataFormat.channelsLast
  public var optimizer: LayerValue?
  /// The losses, each of an output.
  public var losses: [NetworkLoss] = []
  /// The metrics of every output, in their order.
  public var metrics: [LayerValue] = []
  /// `train` and `execution`, by their word.
  public var settings: [String: BoundArguments] = [:]
  /// Whether an error left a part of it out.
  public var isComplete = true

  public enum DataFormat: String, Sendable {
    case channelsLast = "channels_last"
    case channelsFirst = "channels_first"
  }

  public func type(of value: Int) -> TensorType? {
    values.indices.contains(value) ? values[value].type : nil
  }

  /// The types of a value in all configurations of the search space, that of the default one first;
  /// empty where it is not known.
  public func types(of value: Int) -> [TensorType] {
    guard values.indices.contains(value) else { return [] }
    let value = values[value]
    return value.alternatives.isEmpty ? value.type.map { [$0] } ?? [] : value.alternatives
  }
}

/// Sizes added up; `nil` past 64 bits.
public struct Totals: Sendable, Equatable {
  public var trainable = Dimension.constant(0)
  public var nonTrainable = Dimension.constant(0)
  public var macs = Dimension.constant(0)

  public var parameters: Dimension? { try? trainable.adding(nonTrainable) }
}

extension GraphNode {
  /// Its own: a further use of a shared instance has none.
  public var weights: [Weight] { sharedWith == nil ? inference?.result.weights ?? [] : [] }

  /// Multiply-accumulates for one sample.
  public var macs: Dimension { inference?.result.macs ?? .constant(0) }

  /// What its backward pass keeps.
  public var backward: BackwardNeed { inference?.backward ?? BackwardNeed() }

  /// Names of the rule: parameters, dimensions and `let` names.
  public var bindings: [String: Value] { inference?.result.bindings(with: arguments) ?? [:] }

  /// The rule's computations with this node's numbers.
  public var formulas: [String] { inference?.result.formulas.map(\.description) ?? [] }

  /// Values in weights and state, trained or not.
  public var parameterCount: Dimension {
    sharedWith == nil ? inference?.parameters ?? .constant(0) : .constant(0)
  }

  /// Values that training changes.
  public var trainableCount: Dimension {
    isTrainable && sharedWith == nil ? inference?.trainable ?? .constant(0) : .constant(0)
  }
}

extension NetworkGraph {
  public var totals: Totals {
    var totals = Totals()
    for node in nodes { totals.add(node) }
    return totals
  }

  /// How many configurations its search space has, a continuous variable counted once; `nil` past
  /// 64 bits.
  public var configurationCount: Int? {
    var count = 1
    for variable in searchVariables where !variable.isContinuous {
      let (product, overflow) = count.multipliedReportingOverflow(by: variable.values.count)
      if overflow { return nil }
      count = product
    }
    return count
  }
}

extension Totals {
  mutating func add(_ node: GraphNode) {
    let trained = node.trainableCount
    trainable = (try? trainable.adding(trained)) ?? trainable
    if let rest = try? node.parameterCount.subtracting(trained),
      let sum = try? nonTrainable.adding(rest)
    {
      nonTrainable = sum
    }
    macs = (try? macs.adding(node.macs)) ?? macs
  }
}
