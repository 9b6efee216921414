using System.ComponentModel.DataAnnotations;
using System.Net;
using Postmaster.Fbl.Dns;

namespace Postmaster.Web.Hosting;

/// <summary>Whom the product asks. Configuration section <c>Dns</c>.</summary>
public sealed class DnsOptions : IValidatableObject
{
    public const string Section = "Dns";

    /// <summary>Addresses with an optional port, asked in this order; empty: the servers of the system's resolver configuration.</summary>
    public IList<string> Servers { get; init; } = [];

    /// <summary>The list of publicsuffix.org; empty: <see cref="PublicSuffixes.DefaultPath"/> if it is there.</summary>
    public string PublicSuffixList { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (string server in Servers.Where(s => !DnsServerAddress.TryParse(s, out _, out _)))
            yield return new ValidationResult($"Dns:Servers holds \"{server}\": write an address with an optional port, such as 192.0.2.53, 127.0.0.1:5300 or [::1]:53.");
        if (PublicSuffixList.Length > 0 && !File.Exists(PublicSuffixList))
            yield return new ValidationResult($"Dns:PublicSuffixList names {PublicSuffixList}, which is not there. Install Debian's package publicsuffix, or take the key out.");
    }
}

internal static class DnsServices
{
    public static IServiceCollection AddDnsResolver(this IServiceCollection services)
    {
        services.AddSingleton<IDnsResolver>(provider => CreateResolver(
            provider.GetRequiredService<Microsoft.Extensions.Options.IOptions<DnsOptions>>().Value.Servers, provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <param name="servers">Texts that <see cref="DnsServerAddress"/> reads; none: the system's servers.</param>
    /// <param name="minTtl">How long each answer is kept at least; see <see cref="CachingResolverOptions.MinTtl"/>.</param>
    public static IDnsResolver CreateResolver(ICollection<string> servers, TimeProvider time, TimeSpan minTtl = default)
    {
        IReadOnlyList<IPEndPoint> asked = servers.Count == 0 ? SystemResolverConfiguration.Servers() : [.. servers.Select(DnsServerAddress.Parse)];
        return new CachingResolver(new StubResolver(new StubResolverOptions { Servers = asked }, time), new CachingResolverOptions { MinTtl = minTtl }, time);
    }
}
