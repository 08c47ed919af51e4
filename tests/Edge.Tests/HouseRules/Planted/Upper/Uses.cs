using Edge.Tests.HouseRules.Planted.Lower;

namespace Edge.Tests.HouseRules.Planted.Upper;

/// <summary>Every way in which a type can use another, each in a type of its own, so that the test of the arrows can fail.</summary>
internal static class Uses
{
    internal sealed class AsBase : Thing;

    internal sealed class AsInterface : IThing;

    internal sealed class AsField
    {
        public readonly Thing? Kept = new();
    }

    internal sealed class AsProperty
    {
        public List<Thing[]>? Kept { get; set; }
    }

    internal abstract class AsEvent
    {
        public abstract event EventHandler<ThingException> Raised;
    }

    internal abstract class AsParameter
    {
        public abstract void Take(in Thing thing);
    }

    internal abstract class AsReturn
    {
        public abstract Dictionary<string, Thing?> Give();
    }

    internal sealed class AsConstraint<T>
        where T : Thing;

    [Thing]
    internal sealed class AsAttribute;

    internal sealed class AsAttributeOfParameter
    {
        public static void Take([Thing] int number) => _ = number;
    }

    [About(typeof(string), typeof(Thing))]
    internal sealed class AsTypeInAttribute;

    internal sealed class AsCall
    {
        public static void Run() => Thing.Make();
    }

    internal sealed class AsGenericCall
    {
        public static string Run() => string.Join(',', Array.Empty<Thing>().Length);
    }

    internal sealed class AsConstruction
    {
        public static object Run() => new Thing();
    }

    internal sealed class AsStaticField
    {
        public static int Run() => Thing.Count;
    }

    internal sealed class AsTypeOf
    {
        public static string Run() => typeof(Thing).Name;
    }

    internal sealed class AsCast
    {
        public static bool Run(object thing) => thing is Thing;
    }

    internal sealed class AsCatch
    {
        public static void Run(Action action)
        {
            try
            {
                action();
            }
            catch (ThingException)
            {
                return;
            }
        }
    }

    internal sealed class AsLambda
    {
        public static Func<object, object> Run() => static given => given as Thing ?? given;
    }

    internal sealed class AsAwait
    {
        public static async Task<object> Run()
        {
            await Task.Yield();
            return Thing.Make();
        }
    }

    internal sealed class AsNested
    {
        internal sealed class Inner
        {
            public readonly Thing? Kept = new();
        }
    }
}
