namespace LoadBalancing.Client.Policies.Rotation;

/// <summary>A picker whose backends take turns. It can say where it is, so that the next picker of the pool goes on from there.</summary>
internal abstract class RotationPicker : Picker
{
    /// <summary>A number that changes with every turn that is taken.</summary>
    /// <param name="turn">The next of the pool's turns.</param>
    public abstract ulong PositionAt(ulong turn);

    /// <summary>The place that such a number stands for.</summary>
    public abstract RotationPlace PlaceAt(ulong position);
}
