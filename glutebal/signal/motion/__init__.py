"""Motion: inertial sensors on the body -> orientations, joint angles, repetitions, steps.

Frames
------
World: x forward (at the start), y to the left, z up; gravity pulls along -z. Segment frames coincide with it in neutral
standing: x anterior, y left, z up (towards the head). A sensor's own frame is whatever its maker printed on it; the
calibration turns sensor axes into segment axes.

Quaternions have shape (n, 4), w first, and turn sensor (or segment) coordinates into world coordinates. An
accelerometer measures specific force: +9.81 m/s² along *up* at rest. Angular rates are in rad/s.

Without a magnetometer heading (the angle about z) is arbitrary for every gap-free piece of every sensor, and drifts:
only tilt, the direction of *up* in the sensor, is measured. What needs relative heading resets it at every rest.

Signs
-----
Angles are in degrees, in the order of the International Society of Biomechanics (Wu et al. 2002): flexion about the
medio-lateral axis of the proximal segment, ab- and adduction about the floating antero-posterior axis, rotation about
the long axis of the distal one.

============================  =========================================================
hip flexion                   + thigh forward
hip abduction                 + away from the midline, on both sides
knee flexion                  + heel towards the buttock
knee frontal angle            + valgus, on both sides
pelvic tilt                   + anterior
pelvic obliquity              + right side higher
pelvic drop                   + unsupported side lower than in standing on both legs
lateral shift                 + towards the right, in m
============================  =========================================================

A difference between the sides is right minus left, in degrees, cm or s; never a ratio.
"""
