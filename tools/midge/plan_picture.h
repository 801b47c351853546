// SPDX-License-Identifier: Apache-2.0
//
// A plan as people look at it: steps across, bytes up.
#pragma once

#include <cstdint>
#include <string>

#include "host_planner.h"
#include "midge/model.h"

namespace midge_tool {

// What a box holds: "8 CONV_2D 12x12x64", the node that makes it and its shape; "input 96x96x1";
// "scratch".
std::string BoxName(const midge::Model& model, const HostPlan::Box& box);

// The step that needs the most, of all that is alive in it; -1 if there is none.
int PeakStep(const HostPlan& plan);

// The letter by which PlanMap shows box i.
char BoxLetter(size_t i);
// A map in letters, `lines` lines high.
std::string PlanMap(const HostPlan& plan, int lines);

std::string PlanSvg(const midge::Model& model, const HostPlan& plan, const std::string& title);

}  // namespace midge_tool
