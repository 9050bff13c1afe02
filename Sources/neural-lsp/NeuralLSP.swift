@main struct NeuralLSP { static func main() {} }
