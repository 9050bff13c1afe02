import NeuralSchema
import NeuralSyntax

/// Checks one file with what it imports: expands its networks, reads the definitions that none of
/// them uses, and collects all findings.
struct FileCheck {
  let declarations: DeclarationTable
  /// The built-in layers, and those that users declare.
  let catalogue: Catalogue
  private(set) var networks: [NetworkGraph] = []
  private(set) var findings: Findings

  /// How many layers were inferred, what was remembered left out.
  private(set) var inferred = 0
  /// How many statements of networks were expanded.
  private(set) var expandedStatements = 0
  private let files: ImportedFiles
  private let settings: [String: NetworkSettings]
  /// What the declarations themselves are found to have wrong.
  private var declared: [Finding] = []
  /// The expansion of each network, where it can serve again.
  private var expansions: [NetworkExpansion?] = []
  private let file: FileID
  private let sources: [FileID: SourceText]
  private var used: Set<Int> = []
  private var openedLayers: Set<ObjectIdentifier> = []
  private var usage: [Location: Expander.Usage] = [:]
  private var budget = Budget()
  private var suggestions: [String: String?] = [:]

  init(
    _ files: ImportedFiles, catalogue: Catalogue, imports: any ImportSource,
    settings: [String: NetworkSettings] = [:], after earlier: FileCheck? = nil
  ) {
    var findings = Findings()
    let document = files.root
    let file = document.id
    self.file = file
    self.files = files
    self.settings = settings
    sources = files.documents.mapValues { SourceText($0.tree) }
    for error in document.tree.errors { findings.add(Finding(error, file)) }
    var shared: (earlier: FileCheck, unchanged: UnchangedText)?
    if let earlier, let unchanged = earlier.unchanged(in: files, settings),
      let declarations = earlier.declarations.replacingNetworks(
        of: document, earlier.files.root.source, unchanged)
    {
      self.declarations = declarations
      self.catalogue = earlier.catalogue
      shared = (earlier, unchanged)
    } else {
      var declared = Findings()
      declarations = DeclarationTable(files, near: imports, findings: &declared)
      self.catalogue = catalogue.adding(declarations.layers)
      self.declared = declared.all
      for finding in declared.all { findings.add(finding) }
    }
    self.findings = findings
    for case .network(let network) in document.source.declarations {
      let place = networks.count
      let known = shared.flatMap { shared in
        shared.earlier.expansion(of: place, shared.unchanged)
      }
      var kept: NetworkExpansion?
      let graph = expand(network) { expander in
        expander.settings = settings[network.name.text]
        expander.search.fixed = expander.settings?.choices ?? [:]
        kept = expander.expandNetwork(known, shared?.unchanged)
      }
      expansions.append(kept)
      networks.append(graph)
    }
    // Names are looked through only for what could be named.
    let hasOthers = document.source.declarations.contains {
      if case .network = $0 { false } else { true }
    }
    let mentioned = hasOthers ? document.source.mentionedNames : []
    if hasOthers { checkUnused(mentioned) }
    reportUnusedValues(usage, in: document)
    reportUnusedImports(files, mentioned: mentioned)
  }

  /// What a later version of the file shares with this one, if beside its networks it declares the
  /// same, at the same places, and imports the same files.
  private func unchanged(
    in later: ImportedFiles, _ settings: [String: NetworkSettings]
  ) -> UnchangedText? {
    guard file == later.root.id, self.settings.isEmpty, settings.isEmpty, declared.isEmpty,
      files.order == later.order
    else { return nil }
    for file in files.order.dropFirst() {
      guard let earlier = files.documents[file], let document = later.documents[file],
        earlier.tree.isSame(as: document.tree)
      else { return nil }
    }
    let (own, others) = (files.root.source.declarations, later.root.source.declarations)
    guard own.count == others.count else { return nil }
    let unchanged = later.root.tree.unchanged(since: files.root.tree)
    for (left, right) in zip(own, others) {
      guard left.name?.text == right.name?.text else { return nil }
      switch (left, right) {
      case (.network, .network): continue
      case (.network, _), (_, .network): return nil
      default: if left.range != right.range || !unchanged.contains(left.range) { return nil }
      }
    }
    return unchanged
  }

  /// The expansion of a network, if it uses none whose text has changed.
  private func expansion(of place: Int, _ unchanged: UnchangedText) -> NetworkExpansion? {
    guard expansions.indices.contains(place), let expansion = expansions[place] else { return nil }
    for index in expansion.end.usedDefinitions {
      let definition = declarations.definitions[index]
      if definition.isNetwork, definition.file == file, !unchanged.contains(definition.schema.range)
      {
        return nil
      }
    }
    return expansion
  }

  /// Runs one expansion on what the ones before it left.
  private mutating func expand(
    _ declaration: NetworkDeclaration, _ body: (inout Expander) -> Void
  ) -> NetworkGraph {
    var expander = Expander(
      network: declaration, file: file, declarations: declarations, catalogue: catalogue,
      findings: findings, sources: sources, budget: budget)
    expander.suggestions = suggestions
    // Only one holds them, so that adding to them copies nothing.
    findings = Findings()
    expander.budget.begin(bytes: sources[file]?.length(of: declaration.range) ?? 0)
    body(&expander)
    (findings, budget) = (expander.findings, expander.budget)
    usage.merge(expander.usage) {
      Expander.Usage(name: $0.name, isUsed: $0.isUsed || $1.isUsed)
    }
    inferred += expander.inferred
    expandedStatements += expander.expandedStatements
    suggestions = expander.suggestions
    used.formUnion(expander.usedDefinitions)
    openedLayers.formUnion(expander.openedLayers)
    return expander.graph
  }

  /// Definitions and layers that no network uses still have their names and arguments checked.
  private mutating func checkUnused(_ mentioned: Set<String>) {
    // Those that nothing names come first, then later ones: they use most of the others.
    var inner: [Int] = []
    var outer: [Int] = []
    for (index, definition) in declarations.definitions.enumerated()
    where definition.file == file && !definition.isNetwork {
      if mentioned.contains(definition.schema.name) {
        inner.append(index)
      } else {
        outer.append(index)
      }
    }
    for index in outer + inner.reversed() where !used.contains(index) {
      let schema = declarations.definitions[index].schema
      reportIfUnused(schema, mentioned)
      _ = expand(.empty(at: schema.range)) { $0.expandUnused(index) }
    }
    for layer in declarations.ownLayers {
      for error in RuleNames(layer, catalogue).errors {
        findings.add(
          Finding(error.code, error.message, Location(file, error.range))
            .replacing(with: error.replacement))
      }
      reportIfUnused(layer, mentioned)
      if layer.body != nil, !openedLayers.contains(ObjectIdentifier(layer)) {
        _ = expand(.empty(at: layer.range)) { $0.expandUnused(layer) }
      }
    }
  }

  private mutating func reportIfUnused(_ schema: LayerSchema, _ mentioned: Set<String>) {
    // A file of definitions only is there to be imported.
    if networks.isEmpty || mentioned.contains(schema.name)
      || schema.aliases.contains(where: mentioned.contains)
    {
      return
    }
    findings.add(
      Finding(
        .unusedDefinition, "`\(schema.name)` is never used", Location(file, schema.nameRange)))
  }

  mutating func add(_ finding: Finding) { findings.add(finding) }

  private mutating func reportUnusedImports(_ files: ImportedFiles, mentioned: Set<String>) {
    for edge in files.edges[file] ?? [] {
      guard let target = edge.target, target != file else { continue }
      let path = Value.quoted(edge.declaration.path)
      if edge.declaration.names.isEmpty {
        let offered = declarations.ownNames(of: target)
        if offered.contains(where: mentioned.contains) { continue }
        findings.add(
          Finding(
            .unusedDefinition, "nothing of \(path) is used; remove the import",
            Location(file, edge.declaration.pathRange)
          ).fixing("Remove the import", [(Location(file, edge.declaration.range), "")]))
      } else {
        for name in edge.declaration.names
        where !mentioned.contains(name.text) && declarations.isUsable(name.text, in: file) {
          findings.add(
            Finding(
              .unusedDefinition, "`\(name.text)` is imported from \(path) and never used",
              Location(file, name.range)))
        }
      }
    }
  }
}

extension Finding {
  /// What the parser found.
  init(_ error: SyntaxError, _ file: FileID) {
    self.init(
      DiagnosticCode(rawValue: error.code.rawValue) ?? .syntaxError, error.message,
      Location(file, error.range))
    if let fix = error.fix {
      self = fixing(fix.title, [(Location(file, fix.range), fix.text)])
    }
    if let related = error.related {
      self = relating(related.message, Location(file, related.range))
    }
  }
}

/// Parts what concerns the checked file from what imported files report themselves.
struct ForeignFindings {
  /// What stands in the checked file, findings about its uses of imported definitions included.
  private(set) var here: [Finding] = []
  /// Errors of imported files that have nothing to do with how they are used here.
  private(set) var elsewhere: [Finding] = []

  init(
    _ findings: [Finding], _ files: ImportedFiles, _ catalogue: Catalogue,
    _ source: any ImportSource
  ) {
    /// What each imported file says of itself, found where it is asked for.
    var own: [FileID: Set<Findings.Key>] = [:]
    for finding in findings {
      guard let origin = finding.origin else {
        here.append(finding)
        continue
      }
      let key = Findings.Key(code: finding.code, location: origin)
      if own[origin.file] == nil, let document = files.documents[origin.file] {
        let check = FileCheck(
          ImportedFiles(of: document, from: source), catalogue: catalogue, imports: source)
        own[origin.file] = Set(
          check.findings.all.filter { $0.origin == nil }.map {
            Findings.Key(code: $0.code, location: $0.location)
          })
      }
      if own[origin.file]?.contains(key) ?? false {
        if finding.severity == .error {
          var original = finding
          original.location = origin
          elsewhere.append(original)
        }
      } else {
        here.append(finding)
      }
    }
  }
}
