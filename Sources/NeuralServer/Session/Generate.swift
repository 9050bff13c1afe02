import Glibc
import LanguageServerProtocol
import NeuralIDE
import NeuralModel

/// The commands of `workspace/executeCommand`.
enum Command: String, CaseIterable {
  case generate = "neural.generate"
}

extension Answers {
  static func executeCommand(_ context: Dispatch.Context, _ params: LSP.ExecuteCommandParams)
    throws(ResponseError) -> JSON
  {
    switch Command(rawValue: params.command) {
    case .generate:
      let arguments: LSP.GenerateArguments
      do throws(FieldError) {
        arguments = try LSP.GenerateArguments(json: params.arguments.first ?? .null)
      } catch {
        throw ResponseError(.invalidParams, "arguments[0]: \(error)")
      }
      return try generate(context, arguments)
    case nil: throw ResponseError(.invalidParams, "There is no command \(params.command).")
    }
  }

  /// What generating would write; nothing is written.
  static func preview(_ context: Dispatch.Context, _ params: LSP.PreviewParams)
    throws(ResponseError) -> JSON
  {
    let files = try files(context.view, params.uri, params.network, params.target)
    return [
      "files": .array(
        files.filter(\.isText).map { file in
          [
            "path": .string(file.path), "language": .string(file.language),
            "text": .string(String(decoding: file.contents, as: UTF8.self)),
          ]
        })
    ]
  }

  private static func files(_ view: View, _ uri: String, _ network: String?, _ target: String)
    throws(ResponseError) -> [GeneratedFile]
  {
    guard let document = DocumentView(view, uri: uri) else {
      throw ResponseError(.invalidParams, "The document is not open: \(uri)")
    }
    do throws(GenerationError) {
      return try view.snapshot.generate(document.path, network: network, target: target)
    } catch {
      throw ResponseError(.requestFailed, error.message)
    }
  }

  /// Has the client make the files, so that they open beside the source and can be undone; a client
  /// that makes none gets them written.
  private static func generate(_ context: Dispatch.Context, _ arguments: LSP.GenerateArguments)
    throws(ResponseError) -> JSON
  {
    var files = try files(
      context.view, arguments.uri, arguments.network, arguments.target)
    for index in files.indices {
      files[index].path = try place(files[index].path, in: context.view.folders.first)
    }
    let edited = files.filter { file in
      guard let existing = StoredFile.read(file.path) else {
        return StoredFile.exists(file.path)
      }
      if file.model == nil, existing == file.contents { return false }
      return !context.view.snapshot.isUneditedGeneration(existing)
    }
    if edited.isEmpty {
      deliver(files, context, isCancelled: context.isCancelled)
    } else {
      let names = edited.map(\.path).joined(separator: ", ")
      let question = LSP.ShowMessageParams(
        type: .warning, message: "\(names) was edited since it was generated.",
        actions: ["Overwrite", "Keep"])
      context.client.request("window/showMessageRequest", question.json) {
        [files] session, answer in
        guard case .success(let action) = answer, action["title"] == "Overwrite" else { return }
        session.runInBackground("Generating") { work in
          deliver(files, context) { work.isCancelled }
        }
      }
    }
    return ["uris": .array(files.map { .string(DocumentURI.uri(ofPath: $0.path)) })]
  }

  /// A file that belongs beside a document without a place goes into the client's folder.
  private static func place(_ path: String, in root: String?) throws(ResponseError) -> String {
    if path.hasPrefix("/") { return path }
    guard let root else {
      throw ResponseError(
        .requestFailed, "There is no folder to write to: save the document first.")
    }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return root + "/" + name.replacing(":", with: "_")
  }

  private static func deliver(
    _ files: [GeneratedFile], _ context: Dispatch.Context, isCancelled: () -> Bool
  ) {
    let newFiles = files.map {
      CodeAction.NewFile(path: $0.path, text: String(decoding: $0.contents, as: UTF8.self))
    }
    if files.allSatisfy(\.isText), context.view.capabilities.appliesEdits,
      let edit = context.view.workspaceEdit([], newFiles: newFiles, overwrite: true)
    {
      let names = files.map(\.path).joined(separator: ", ")
      let params = LSP.ApplyEditParams(label: "Generate \(names)", edit: edit)
      let client = context.client
      client.request("workspace/applyEdit", params.json) { _, answer in
        let reason: String
        switch answer {
        case .success(let result):
          if result["applied"] == true {
            if context.view.capabilities.showsDocuments, let file = files.first {
              client.request(
                "window/showDocument",
                ["uri": .string(DocumentURI.uri(ofPath: file.path)), "takeFocus": false])
            }
            return
          }
          if case .string(let text)? = result["failureReason"] {
            reason = text
          } else {
            reason = "the editor refused it"
          }
        case .failure(let error): reason = error.message
        }
        client.show(.error, "\(names) was not generated: \(reason)")
      }
      return
    }
    for file in files {
      if file.makesFolder { StoredFile.makeFolder(ImportPath.folder(of: file.path)) }
      if let problem = write(file, isCancelled) {
        context.client.show(.error, "\(file.path) was not written: \(problem)")
      } else {
        context.client.show(.info, "Generated \(file.path)")
      }
    }
  }

  /// What went wrong, if anything. A model begins with fresh weights.
  private static func write(_ file: GeneratedFile, _ isCancelled: () -> Bool) -> String? {
    guard let model = file.model else { return StoredFile.write(file.contents, to: file.path) }
    do throws(ModelFile.Failure) {
      try ModelFile.write(model, .initial(seed: 0), to: file.path, isCancelled: isCancelled)
      return nil
    } catch {
      return error.reason
    }
  }
}
