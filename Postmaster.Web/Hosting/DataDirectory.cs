namespace Postmaster.Web.Hosting;

/// <summary>The folder that holds all state: database, keys, spool. Readable by the service's user alone.</summary>
public sealed class DataDirectory
{
    /// <summary>Name of the spool folder below the data folder.</summary>
    public const string SpoolName = "spool";

    /// <summary>Creates the folder and its parts where they are missing.</summary>
    /// <param name="keys">As <see cref="KeysOptions.Directory"/>.</param>
    /// <exception cref="IOException">The folder cannot be created or written.</exception>
    public DataDirectory(string path, string keys = "")
    {
        Root = Path.GetFullPath(path);
        Keys = string.IsNullOrWhiteSpace(keys) ? Path.Combine(Root, "keys") : Path.GetFullPath(keys);
        foreach (string folder in (string[])[Root, Keys, Spool])
            CreatePrivate(folder);
    }

    public string Root { get; }
    public string DatabaseFile => DatabaseIn(Root);

    /// <summary>The key ring that seals secrets.</summary>
    public string Keys { get; }

    /// <summary>Complaints that <c>postmaster complaint</c> wrote while the server was away.</summary>
    public string Spool => Path.Combine(Root, SpoolName);

    /// <summary>Where <c>Relay:Kind=directory</c> writes mail unless <c>Relay:Directory</c> says otherwise.</summary>
    public string Mail => Path.Combine(Root, "mail");

    /// <summary>Where the database of a data folder is, whether there is one or not.</summary>
    public static string DatabaseIn(string root) => Path.Combine(root, "postmaster.db");

    /// <summary>A missing folder is made for the service's user alone; one that exists is as its maker wanted it.</summary>
    public static void CreatePrivate(string folder)
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, owner);
    }
}
