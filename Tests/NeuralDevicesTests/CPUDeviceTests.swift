import Testing

@testable import NeuralDevices

@Suite struct CPUDeviceTests {
  @Test func thisMachine() {
    let cpu = CPUDevice.current()
    #expect(!cpu.name.isEmpty)
    #expect(cpu.logicalCores > 0)
    #expect((cpu.physicalCores ?? 1) <= cpu.logicalCores)
    #expect(cpu.memory.total > 1 << 20)
    #expect((cpu.memory.free ?? 0) <= cpu.memory.total)
  }

  @Test func twoThreadsOnEachOfTwoCoresInTwoSockets() {
    var text = ""
    for processor in 0..<8 {
      text +=
        "processor\t: \(processor)\nmodel name\t: Test  CPU @ 2.00GHz\nphysical id\t: \(processor / 4)\n"
      text += "core id\t\t: \(processor / 2 % 2)\nflags\t\t: fpu avx2 fma avx512f avx512fx\n\n"
    }
    let cpu = CPUDevice(
      architecture: "x86_64", cpuinfo: Array(text.utf8),
      meminfo: Array("MemTotal:  100 kB\nMemFree: 1 kB\nMemAvailable:   40 kB\n".utf8))
    #expect(cpu.name == "Test  CPU @ 2.00GHz")
    #expect(cpu.physicalCores == 4)
    #expect(cpu.logicalCores == 8)
    #expect(cpu.memory == Memory(total: 102_400, free: 40_960))
    #expect(cpu.features == ["avx2", "fma", "avx512f"])
  }

  @Test func arm() {
    let text = """
      processor\t: 0
      Features\t: fp asimd asimdhp sve
      CPU implementer\t: 0x41
      CPU part\t: 0xd40

      processor\t: 1
      """
    let cpu = CPUDevice(architecture: "aarch64", cpuinfo: Array(text.utf8), meminfo: [])
    #expect(cpu.name == "aarch64 processor (implementer 0x41, part 0xd40)")
    #expect(cpu.physicalCores == nil)
    #expect(cpu.logicalCores == 2)
    #expect(cpu.features == ["neon", "fp16", "sve"])
  }

  @Test func nothingKnown() {
    let cpu = CPUDevice(
      architecture: "riscv64", cpuinfo: [0xff, 0x0a, 0x3a, 0x0a],
      meminfo: Array("MemTotal: many\nMemTotal: 99999999999999999999 kB\n".utf8))
    #expect(cpu.name == "riscv64 processor")
    #expect(cpu.memory == Memory(total: 0))
  }

  @Test func containers() {
    let machine = Memory(total: 1000, free: 800)
    #expect(machine.limited(to: nil, used: 5, reclaimable: 5) == machine)
    #expect(machine.limited(to: 2000, used: 5, reclaimable: nil) == machine)
    // 300 of the 400 are only the file cache's.
    #expect(
      machine.limited(to: 500, used: 400, reclaimable: 300) == Memory(total: 500, free: 400))
    #expect(machine.limited(to: 500, used: 600, reclaimable: 0) == Memory(total: 500, free: 0))
    #expect(machine.limited(to: 500, used: 1, reclaimable: 9) == Memory(total: 500, free: 500))
    #expect(
      Memory(total: 1000, free: 50).limited(to: 500, used: 0, reclaimable: 0)
        == Memory(total: 500, free: 50))
    #expect(machine.limited(to: 500, used: nil, reclaimable: nil) == Memory(total: 500, free: 500))
  }
}
