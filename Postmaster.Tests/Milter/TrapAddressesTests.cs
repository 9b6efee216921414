using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Milter;

namespace Postmaster.Tests.Milter;

public sealed class TrapAddressesTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly ManualTime _time = new();

    [Fact]
    public void Addresses_and_whole_domains_are_found_however_they_are_written()
    {
        File.WriteAllText(_file, "# bought nowhere\nOld.Address@Provider.example\n  second@provider.example # since 2020\n@trap.example\nnonsense\n\n");
        TrapAddresses traps = Read();
        Assert.True(traps.Contains("old.address@provider.example"));
        Assert.True(traps.Contains("OLD.ADDRESS@PROVIDER.EXAMPLE"));
        Assert.True(traps.Contains("second@provider.example"));
        Assert.True(traps.Contains("anybody@trap.example"));
        Assert.False(traps.Contains("anybody@sub.trap.example"));
        Assert.False(traps.Contains("nonsense"));
        Assert.False(traps.Contains("user@provider.example"));
        Assert.False(traps.Contains(""));
    }

    [Fact]
    public void A_changed_file_is_read_again_and_a_lost_one_holds_on()
    {
        File.WriteAllText(_file, "first@provider.example\n");
        TrapAddresses traps = Read();
        Assert.True(traps.Contains("first@provider.example"));
        File.WriteAllText(_file, "second@provider.example\n");
        File.SetLastWriteTimeUtc(_file, File.GetLastWriteTimeUtc(_file).AddSeconds(5));
        Assert.False(traps.Contains("second@provider.example")); // not yet looked at
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.True(traps.Contains("second@provider.example"));
        Assert.False(traps.Contains("first@provider.example"));
        File.Delete(_file);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.True(traps.Contains("second@provider.example"));
    }

    [Fact]
    public void Without_a_file_nothing_is_a_trap() =>
        Assert.False(new TrapAddresses(Options.Create(new TrapOptions()), _time, NullLogger<TrapAddresses>.Instance).Contains("a@b.example"));

    public void Dispose() => File.Delete(_file);

    private TrapAddresses Read() => new(Options.Create(new TrapOptions { TrapAddresses = _file }), _time, NullLogger<TrapAddresses>.Instance);
}
