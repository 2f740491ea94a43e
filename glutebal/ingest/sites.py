"""The names of muscles, segments and devices: what columns call them, and what the library calls them."""

from __future__ import annotations

from glutebal.model import Quantity

# Every spelling is words in lower case, separated by single spaces. `GM` is in no row: it is gluteus maximus,
# gluteus medius or gastrocnemius medialis, depending on who wrote it. `GL` is gastrocnemius lateralis.
MUSCLES: dict[str, str] = {
    "gluteus_maximus": (
        "gluteus maximus|gluteus max|glute maximus|glute max|glut max|glut maximus|glutmax|glutemax|gluteusmaximus|"
        "gmax|g max|glmax|gl max|gluteo maximo|grand fessier"
    ),
    "gluteus_medius": (
        "gluteus medius|gluteus med|glute medius|glute med|glut med|glut medius|glutmed|glutemed|gluteusmedius|gmed|"
        "g med|glmed|gl med|moyen fessier"
    ),
    "gluteus_minimus": "gluteus minimus|glute min|glut min|gmin",
    "rectus_femoris": (
        "rectus femoris|rectus fem|rect femoris|rect fem|rectus|rect|rectfem|rectusfemoris|rec|rec fem|"
        "rf|droit anterieur"
    ),
    "vastus_lateralis": (
        "vastus lateralis|vastus lat|vast lat|vastus externus|vaste externe|vaste ext|vastuslateralis|"
        "vaslat|vl|vlo"
    ),
    "vastus_medialis": (
        "vastus medialis|vastus med|vast med|vastus internus|vaste interne|vaste int|vastusmedialis|"
        "vasmed|vm|vmo"
    ),
    "vastus": "vastus|vaste|vas",
    "quadriceps": "quadriceps|quads|quad",
    "biceps_brachii": "biceps brachii|bic brachii|bb",
    "biceps_femoris": "biceps femoris|biceps fem|bic fem|biceps femoris caput longus|bicepsfemoris|bf|bflh|biceps|bic",
    "semitendinosus": "semitendinosus|semitend|semi tendinosus|st",
    "semimembranosus": "semimembranosus|semimem|semi membranosus|sm",
    "hamstrings": "hamstrings|hamstring|hams|ham|ischio|ischios|isc|ischio jambiers",
    "tibialis_anterior": (
        "tibialis anterior|tib ant|tibialis ant|tibant|tibialisanterior|tibialis|tib|ta|"
        "jambier anterieur"
    ),
    "tibialis_posterior": "tibialis posterior|tib post|tibialis post|tibpost|tp",
    "gastrocnemius_medialis": (
        "gastrocnemius medialis|gastrocnemius medial|medial gastrocnemius|gastroc medialis|gastroc medial|gastroc med|"
        "med gastroc|medial gastroc|gastrocnemius med|gast med|gasmed|jumeau interne|jum int|mg|gam|gamed"
    ),
    "gastrocnemius_lateralis": (
        "gastrocnemius lateralis|gastrocnemius lateral|lateral gastrocnemius|gastroc lateralis|gastroc lateral|"
        "gastroc lat|lat gastroc|lateral gastroc|gastrocnemius lat|gast lat|gaslat|jumeau externe|jum ext|lg|gl|gal"
    ),
    "gastrocnemius": "gastrocnemius|gastroc|gastro|gast|gas|jumeaux|jumeau|jum",
    "soleus": "soleus|soleaire|sol",
    "peroneus_longus": "peroneus longus|peroneus|per long|fibularis longus|perlong|pl",
    "erector_spinae": "erector spinae|erectors|erector|erect spinae|erectorspinae|es",
    "multifidus": "multifidus|multifidi",
    "latissimus_dorsi": "latissimus dorsi|lat dorsi|latissimus",
    "rectus_abdominis": "rectus abdominis|rect abd|rectus abd",
    "external_oblique": "external oblique|obliquus externus|ext oblique",
    "adductors": "adductors|adductor|adductor longus|adductor magnus|add long|add",
    "tensor_fasciae_latae": "tensor fasciae latae|tensor fascia latae|tensor fascia lata|tfl",
    "sartorius": "sartorius",
}  # fmt: skip

SEGMENTS: dict[str, str] = {
    "foot": "foot|feet|insole|pied|fuss|shoe",
    "plate": "force plate|forceplate|force platform|plate|platform|plateforme",
    "thigh": "thigh|upper leg|upperleg|femur|cuisse",
    "shank": "shank|lower leg|lowerleg|jambe",
    "knee": "knee",
    "hip": "hip",
    "ankle": "ankle",
    "pelvis": "pelvis|sacrum",
    "lower_back": "lower back|lowerback|lumbar",
    "handle": "handle|strap",
}  # fmt: skip

# With these quantities the ground is meant; as EMG, "GRF" is the grand fessier (see `labels`).
GROUND = "ground reaction force|vertical grf|vgrf|grf|fz|vertical force|loadsol"

QUANTITY_WORDS: dict[str, Quantity] = {
    **dict.fromkeys(("emg", "semg"), Quantity.EMG),
    **dict.fromkeys(("force", "fz", "load", "vgrf"), Quantity.FORCE),
    **dict.fromkeys(("acc", "accel", "acceleration", "accelerometer"), Quantity.ACCELERATION),
    **dict.fromkeys(("gyr", "gyro", "gyroscope", "angular rate"), Quantity.ANGULAR_RATE),
    **dict.fromkeys(("mag", "magnetometer"), Quantity.MAGNETIC_FIELD),
    **dict.fromkeys(("torque", "moment"), Quantity.TORQUE),
    **dict.fromkeys(("angle",), Quantity.ANGLE),
    **dict.fromkeys(("pressure",), Quantity.PRESSURE),
}

AXES = frozenset({"x", "y", "z"})
INSOLE_PARTS = frozenset({"heel", "medial", "lateral", "toe", "forefoot", "midfoot", "hallux"})
NOISE = frozenset(
    {
        "emg",
        "semg",
        "force",
        "acc",
        "accel",
        "acceleration",
        "accelerometer",
        "gyr",
        "gyro",
        "gyroscope",
        "mag",
        "magnetometer",
        "sensor",
        "channel",
        "chan",
        "ch",
        "avanti",
        "trigno",
        "duo",
        "quattro",
        "signal",
        "analog",
        "raw",
        "total",
        "value",
        "data",
        "muscle",
        "imu",
        "the",
        "of",
        "caput",
        "longus",
        "longu",
    }
)


def _spellings(table: dict[str, str]) -> dict[str, str]:
    return {words: site for site, all_words in table.items() for words in all_words.split("|")}


MUSCLE_SPELLINGS = _spellings(MUSCLES)
SEGMENT_SPELLINGS = _spellings(SEGMENTS)
GROUND_SPELLINGS = dict.fromkeys(GROUND.split("|"), "foot")


def spellings_for(quantity: Quantity | None) -> dict[str, str]:
    """Spelling → site, for a column of this quantity.

    A force called GRF is the ground's under a foot; an EMG called GRF is the grand fessier, gluteus maximus.
    """
    if quantity is Quantity.EMG:
        return {**MUSCLE_SPELLINGS, "grf": "gluteus_maximus"}
    return {**MUSCLE_SPELLINGS, **SEGMENT_SPELLINGS, **GROUND_SPELLINGS}
