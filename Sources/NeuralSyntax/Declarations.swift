/// What a file says, read from its tree: declarations, sections and statements.
///
/// Every piece carries the range it was read from. Where the text was broken the tree has error
/// nodes; here the broken piece is `Expression.Kind.missing` or left out, never invented.
public struct SourceFile: Sendable {
  public var declarations: [Declaration]
  /// `# neural: allow(code, …)` comments, in order of appearance.
  public var allowances: [Allowance]
  /// The documentation comment at the top, where a blank line parts it from the first
  /// declaration's own.
  public var documentation: String?
}

/// A name as it is written, with the place where it is written.
public struct Name: Sendable, Hashable {
  public var text: String
  public var range: SourceRange

  public init(_ text: String, _ range: SourceRange) {
    self.text = text
    self.range = range
  }
}

/// `# neural: allow(code)`: findings of that code are silenced on its line, or, where the comment
/// has a line for itself above a declaration, in that declaration.
public struct Allowance: Sendable {
  public var code: Name
  /// The declaration that the comment stands above, as an index into `SourceFile.declarations`.
  public var declaration: Int?
}

/// A declaration at the top of a file.
public enum Declaration: Sendable {
  case `import`(ImportDeclaration)
  case definition(DefinitionDeclaration)
  case network(NetworkDeclaration)
  case layer(LayerDeclaration)
  case research(ResearchDeclaration)
}

/// `import "a.neural"` or `import A, B from "a.neural"`.
public struct ImportDeclaration: Sendable {
  /// The names asked for; empty where everything is.
  public var names: [Name]
  public var path: String
  public var pathRange: SourceRange
  public var range: SourceRange
}

/// `define Name(parameters) { statements }`.
public struct DefinitionDeclaration: Sendable {
  public var name: Name
  public var parameters: [Parameter]
  public var body: Block
  public var documentation: String?
  public var range: SourceRange
}

/// `network Name(parameters) { sections }`.
public struct NetworkDeclaration: Sendable {
  public var name: Name
  public var parameters: [Parameter]
  public var sections: [Section]
  public var documentation: String?
  public var range: SourceRange
}

/// `layer Name(parameters) { … }`; `keyword` is also `activation`, `loss`, `metric`, `optimizer`,
/// `schedule`, `initializer`, `regularizer`, `constraint` or `settings` for the other things that
/// the catalogue declares in the same form.
public struct LayerDeclaration: Sendable {
  public var keyword: Name
  public var name: Name
  public var parameters: [Parameter]
  public var items: [LayerItem]
  public var documentation: String?
  public var range: SourceRange
}

/// `research Name { key: value … }`.
public struct ResearchDeclaration: Sendable {
  /// Absent in the anonymous form `research { … }`.
  public var name: Name?
  public var entries: [Setting]
  public var documentation: String?
  public var range: SourceRange
}

/// A section of a network.
public struct Section: Sendable {
  /// The word before the `:` or `{`, spelt as in the source: `input`, `layers`, `execute`, …
  public var keyword: Name
  public var value: Value
  public var documentation: String?
  public var range: SourceRange

  public enum Value: Sendable {
    /// `input:` with its `where` conditions.
    case inputs([Input], conditions: [Expression])
    /// `layers:`.
    case statements(Block)
    /// `loss:`, `optimizer:`, `outputs:` and the like: one expression, or several after commas.
    case expressions([Expression])
    /// `train { … }`, `execution { … }`, `loss: { … }`.
    case settings([Setting])
    /// Nothing that could be read stands after the keyword.
    case missing
  }
}

/// `name: value`, a setting of `train`, an entry of `research`, a loss of one output.
public struct Setting: Sendable {
  public var name: Name
  public var value: Value
  public var documentation: String?
  public var range: SourceRange

  public enum Value: Sendable {
    case expression(Expression)
    case group([Setting])
  }
}

/// One input of a network, or one input pattern of a layer declaration.
public struct Input: Sendable {
  /// `int32` in `question: int32 (20)`.
  public var dtype: Name?
  /// `question` in `{ question: int32 (20) }` and in the pattern `int32 question (20)`.
  public var name: Name?
  /// `...values`: any number of tensors, in layer declarations.
  public var isVariadic: Bool
  /// A tuple, or `parenthesized` for one dimension; absent for `...values`.
  public var shape: Expression?
  /// `= none` in `h (batch, units) = none`.
  public var defaultValue: Expression?
  public var range: SourceRange
}

/// A parameter of a definition, a network or a layer.
public struct Parameter: Sendable {
  public var name: Name
  /// Further spellings: `rate | p: float`.
  public var aliases: [Name]
  public var type: TypeExpression?
  public var defaultValue: Expression?
  public var range: SourceRange
}

/// Statements between braces, or those of a `layers:` section.
public struct Block: Sendable {
  public var statements: [Statement]
  /// The braces included; for `layers:`, from the first statement to the last.
  public var range: SourceRange
}

public struct Statement: Sendable {
  public var kind: Kind
  public var documentation: String?
  public var range: SourceRange

  public indirect enum Kind: Sendable {
    case flow(Flow)
    /// `let name = expression`.
    case binding(Name, Expression)
    /// `for name in sequence { … }`, `for (a, b) in sequence { … }`.
    case loop(variables: [Name], sequence: Expression, body: Block)
    case conditional([ConditionalArm], otherwise: Block?)
  }
}

/// `if condition { … }` or `else if condition { … }`.
public struct ConditionalArm: Sendable {
  public var condition: Expression
  public var body: Block
}

/// `source -> step -> target`: its elements, in order.
public struct Flow: Sendable {
  public var elements: [FlowElement]
}

public enum FlowElement: Sendable {
  /// A layer, a definition or a bare name; a name with neither arguments nor a block may mean a
  /// value, which names decide.
  case step(Step)
  /// `skips[i]`, or another expression that can only be a value.
  case value(Expression)
  /// `(query, memory)`: several values.
  case values([Expression], SourceRange)

  public var range: SourceRange {
    switch self {
    case .step(let step): step.range
    case .value(let expression): expression.range
    case .values(_, let range): range
    }
  }
}

/// `Layer(arguments) { block } * n @ "device"`.
public struct Step: Sendable {
  public var call: Call
  /// `* n`.
  public var repetition: Expression?
  /// `@ "cuda:0"`.
  public var device: Expression?
  public var range: SourceRange
}

/// A name with what is given to it.
public struct Call: Sendable {
  /// Dots included: `nn.Linear`.
  public var name: Name
  /// Absent where there are no parentheses.
  public var arguments: [Argument]?
  /// The parentheses and what they hold.
  public var argumentsRange: SourceRange?
  public var block: Block?
  /// From the name to the end of the arguments; the block is not included.
  public var range: SourceRange
}

public struct Argument: Sendable {
  public var name: Name?
  /// Written `name: value`, an older form.
  public var usesColon: Bool
  public var value: Expression
  public var range: SourceRange
}

/// An expression of language.md, section 5, with the spreads and slices of layer declarations.
public struct Expression: Sendable {
  public var kind: Kind
  public var range: SourceRange

  public init(_ kind: Kind, _ range: SourceRange) {
    self.kind = kind
    self.range = range
  }

  public indirect enum Kind: Sendable {
    /// `nil` where the literal does not fit 64 bits.
    case integer(Int?)
    case float(Double)
    case string(String)
    case boolean(Bool)
    case none
    /// A bare name.
    case name(String)
    case parenthesized(Expression)
    case tuple([Expression])
    case list([Expression])
    case call(Call)
    case index(Expression, Expression)
    /// `x[1:]`: absent ends are the sequence's own.
    case slice(Expression, Expression?, Expression?)
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    /// `a < b <= c`, as in Python.
    case comparison(Expression, [Comparison])
    case conditional(condition: Expression, then: Expression, otherwise: Expression)
    /// `...name` in a shape; the name is absent in a lone `...`.
    case spread(Expression?)
    /// The text was broken here, and an error says so.
    case missing
  }
}

/// One link of a chained comparison.
public struct Comparison: Sendable {
  public var `operator`: ComparisonOperator
  public var operand: Expression

  public init(_ operator: ComparisonOperator, _ operand: Expression) {
    self.operator = `operator`
    self.operand = operand
  }
}

public enum UnaryOperator: String, Sendable { case minus = "-", plus = "+", not }

public enum BinaryOperator: String, Sendable {
  case or, and
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case remainder = "%"
  case power = "**"
}

public enum ComparisonOperator: String, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case `in`
  case notIn = "not in"
}

/// A parameter's type (language.md, section 8).
public struct TypeExpression: Sendable {
  public var kind: Kind
  public var range: SourceRange

  public init(_ kind: Kind, _ range: SourceRange) {
    self.kind = kind
    self.range = range
  }

  public indirect enum Kind: Sendable {
    /// `int`, `float`, `bool`, `string`, `shape`, `none`, `layer`, `value`, `activation`, …
    case name(String)
    /// `"valid"`.
    case literal(Expression)
    case tuple([TypeExpression])
    case list(TypeExpression)
    case union([TypeExpression])
    /// `int >= 1`.
    case refined(TypeExpression, ComparisonOperator, Expression)
    /// `float in [0, 1)`.
    case interval(
      TypeExpression, lower: Expression, includesLower: Bool, upper: Expression,
      includesUpper: Bool)
    /// `layer in recurrent`.
    case member(TypeExpression, Name)
    case missing
  }
}

/// One piece of a layer declaration, in the order in which it is read.
public indirect enum LayerItem: Sendable {
  case input([Input], SourceRange)
  case output([Expression], SourceRange)
  case binding(Name, Expression)
  /// `require condition, "message" as code`.
  case require(condition: Expression, message: Expression?, code: Name?, range: SourceRange)
  case conditional([(condition: Expression, items: [LayerItem])], otherwise: [LayerItem])
  case weights([WeightEntry], SourceRange)
  case state([WeightEntry], SourceRange)
  case macs(Expression)
  case body(Block)
  /// `category: core`, `aliases: A, B`, `pytorch: "…"`, `rule: builtin`.
  case entry(Name, [Expression])
}

/// `name: shape = initial when condition` in `weights` and `state`.
public struct WeightEntry: Sendable {
  public var name: Name
  public var shape: Expression
  public var initialValue: Expression?
  public var condition: Expression?
  public var range: SourceRange
}
