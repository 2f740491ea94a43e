"""What every page says about its own limits, and when to stop and ask somebody."""

SAFETY = (
    "Stop and consult a clinician if there is new or worsening pain, numbness or weakness, a leg that gives way, "
    "loss of bladder or bowel control, or a recent operation or injury. Before using electrodes, ask about implanted "
    "electronic devices, pregnancy, broken skin or allergy to adhesive, and blood thinners (no hard skin "
    "preparation). With uncontrolled high blood pressure or a recent hip, hamstring or back injury, take a "
    "submaximal reference contraction instead of a maximal one."
)
"""The stop-and-ask text that every page carries."""


CAN_SAY = (
    "The numbers describe this recording: these sensors, in these places, on this day.",
    (
        "The range is where the average of more repetitions like these would lie in 95 of 100 such recordings. "
        "It does not cover putting the sensors on again, which alone can move an EMG balance by many points."
    ),
)


CAN_SAY_SESSION = (
    "The numbers describe this session: these sensors, in these places, on this day.",
    (
        "The range of the session is where the average of more sets like these would lie in 95 of 100 such sessions. "
        "It does not cover putting the sensors on again; the measurement error does."
    ),
    (
        "A difference between two sessions that stays within the measurement error is no change that can be told. "
        "Where the error is assumed, it comes from studies and not from this person."
    ),
)


CANNOT_SAY = (
    (
        "One recording does not prove that a side is stronger or weaker, and symmetry is not a goal in itself: "
        "differences are common in healthy people."
    ),
    (
        "An EMG percentage is not strength or growth. At equal load, a higher percentage means that the muscle works "
        "closer to its own reference contraction."
    ),
    "This is no diagnosis, and it cannot estimate the risk of injury.",
)
"""The limits that every page states."""


OVER_TIME = (
    (
        "The level is what the sessions of the present setup say together. Its range covers sets, references and "
        "putting the sensors on again; it does not cover another exercise, load or sensor."
    ),
    (
        "Nothing is called a change, and nothing is coloured, unless it is at least 90 % sure. Unknown means that more "
        "sessions are needed, not that there is no difference."
    ),
    "A smaller difference is no gain when a side reads lower than it did: look at both sides too.",
)
"""What a page over several sessions can say."""
