using Xunit.Abstractions;
using Xunit.Sdk;

namespace Postmaster.Tests.Support;

/// <summary>Words for whoever looks at the run, also when the test passes: a fixture, because only those are given the runner's ear.</summary>
public sealed class Screen(IMessageSink runner)
{
    public void Say(string words) => runner.OnMessage(new DiagnosticMessage(words));
}
