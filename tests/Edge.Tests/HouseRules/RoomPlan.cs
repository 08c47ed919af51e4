using Mono.Cecil;

namespace Edge.Tests.HouseRules;

/// <summary>The rooms of a house and which room may use which: what is not listed is forbidden.</summary>
/// <param name="roomOf">The room of a namespace; null when it is outside the house.</param>
/// <param name="mayUse">For every room the rooms it may use; "*" means all.</param>
internal sealed class RoomPlan(Func<string, string?> roomOf, IReadOnlyDictionary<string, string[]> mayUse)
{
    /// <summary>The room a type stands in; what is nested stands where its outermost type stands.</summary>
    public string? RoomOf(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return roomOf(type.Namespace);
    }

    /// <summary>Every use of a type in another room.</summary>
    public IEnumerable<Arrow> Arrows(TypeDefinition type)
    {
        if (RoomOf(type) is not { } from)
        {
            yield break;
        }

        foreach (var (member, used) in TypeUses.Of(type))
        {
            if (RoomOf(used) is { } to && to != from)
            {
                yield return new Arrow(from, to, member, used.FullName);
            }
        }
    }

    public bool Knows(string room) => mayUse.ContainsKey(room);

    public bool Allows(Arrow arrow) => mayUse.TryGetValue(arrow.From, out var rooms) && (rooms is ["*"] || rooms.Contains(arrow.To));
}
